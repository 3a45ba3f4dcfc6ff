# PAPI and libpfm4. PAPI's Debian package brings no pkg-config file, so both are found by name; another PAPI is chosen
# with -DCMAKE_PREFIX_PATH=PREFIX. Neither is linked: harness/counters/counter_libraries.c loads them when they are needed.
find_path(PAPI_INCLUDE papi.h REQUIRED)
find_library(PAPI_LIBRARY papi REQUIRED)
find_path(PFM_INCLUDE perfmon/pfmlib.h REQUIRED)
find_library(PFM_LIBRARY pfm REQUIRED)
add_library(countersign_papi INTERFACE)
target_include_directories(countersign_papi SYSTEM INTERFACE ${PAPI_INCLUDE} ${PFM_INCLUDE})

# What dlopen is given: the name that the library has for the loader, with its folder where the loader does not look there.
foreach(library PAPI PFM)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${${library}_LIBRARY} OUTPUT_VARIABLE headers ERROR_QUIET)
  if(NOT headers MATCHES "SONAME +([^ \n]+)")
    message(FATAL_ERROR "${${library}_LIBRARY}: expected a shared library with a name for the loader (SONAME)")
  endif()
  set(${library}_FILE ${CMAKE_MATCH_1})
  get_filename_component(folder ${${library}_LIBRARY} DIRECTORY)
  if(NOT folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    string(PREPEND ${library}_FILE ${folder}/)
  endif()
endforeach()
