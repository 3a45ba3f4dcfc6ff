# How a kernel is built: for the kernels of this project and, installed, for those of others (find_package(countersign)).
#
#   countersign_add_kernel(NAME SOURCE… [OPENMP] [PACKAGES pkg-config-module…] [LIBRARIES library…])
#
# compiles the sources once for this CPU and once for any CPU of the architecture, and links them as loadable modules
#   NAME.native.so   NAME.portable.so
# in COUNTERSIGN_KERNEL_DIRECTORY, with what each replicate links it from anew (see link-recipe):
#   NAME.native.link/
# Targets: NAME.native, NAME.portable, NAME.native.link, NAME.portable.link, all of them part of ALL.
# Needs COUNTERSIGN_INCLUDE_DIRECTORY (of countersign.h) and COUNTERSIGN_LINK_RECIPE (the script).

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
  set(COUNTERSIGN_PORTABLE_FLAGS -march=x86-64-v3)
else()
  set(COUNTERSIGN_PORTABLE_FLAGS "")
endif()
if(CMAKE_CROSSCOMPILING)
  set(COUNTERSIGN_NATIVE_FLAGS "" CACHE STRING "flags of native kernels; a cross compiler does not know the machine's CPU")
else()
  set(COUNTERSIGN_NATIVE_FLAGS "-march=native" CACHE STRING "flags of native kernels")
endif()
# A module is loaded into a program and yet measured as if it were one: what it defines cannot be replaced from outside,
# so that its own calls are direct and may be inlined, and its thread-local data is reached without a call.
set(COUNTERSIGN_PROGRAM_FLAGS -fPIC -fvisibility=hidden -fno-semantic-interposition -ftls-model=initial-exec)
set(COUNTERSIGN_PROGRAM_LINK_FLAGS -Wl,-Bsymbolic)
# RelWithDebInfo's own flags would add -O2: a kernel is compiled with exactly what its result records.
# Valgrind up to 3.19 gives up on the DWARF 5 that clang writes.
if(CMAKE_C_COMPILER_ID MATCHES Clang)
  set(COUNTERSIGN_DEBUG_FLAG -gdwarf-4)
else()
  set(COUNTERSIGN_DEBUG_FLAG -g)
endif()
set(COUNTERSIGN_KERNEL_FLAGS -O3 ${COUNTERSIGN_DEBUG_FLAG} CACHE STRING "flags of both builds of kernels")

function(countersign_add_kernel name)
  cmake_parse_arguments(KERNEL OPENMP "" "PACKAGES;LIBRARIES" ${ARGN})
  set(linker ${CMAKE_C_COMPILER})
  if(KERNEL_UNPARSED_ARGUMENTS MATCHES "\\.(cpp|cc|cxx)(;|$)")
    set(linker ${CMAKE_CXX_COMPILER})
  endif()
  foreach(build native portable)
    string(TOUPPER ${build} BUILD)
    separate_arguments(machine_flags UNIX_COMMAND "${COUNTERSIGN_${BUILD}_FLAGS}")
    set(flags ${COUNTERSIGN_KERNEL_FLAGS} ${machine_flags} ${COUNTERSIGN_PROGRAM_FLAGS})
    set(libraries ${KERNEL_LIBRARIES})
    set(recipe_libraries ${KERNEL_LIBRARIES})
    if(KERNEL_OPENMP)
      find_package(OpenMP REQUIRED)
      list(APPEND flags ${OpenMP_C_FLAGS})
      # Threads of libgomp's pool outlive a run and wait inside the library, which dlclose must not unmap.
      list(APPEND libraries ${OpenMP_C_LIBRARIES} -Wl,-z,nodelete)
      list(APPEND recipe_libraries ${OpenMP_C_LIBRARIES} -Wl,-z,nodelete)
    endif()
    foreach(package ${KERNEL_PACKAGES})
      find_package(PkgConfig REQUIRED)
      string(MAKE_C_IDENTIFIER ${package} id)
      pkg_check_modules(${id} REQUIRED IMPORTED_TARGET ${package})
      list(APPEND libraries PkgConfig::${id})
      list(APPEND recipe_libraries ${${id}_LDFLAGS})
    endforeach()
    # The linker takes a library by name as -lNAME; CMake's own commands do that by themselves.
    list(TRANSFORM recipe_libraries PREPEND -l REGEX "^[A-Za-z0-9_]+$")
    list(JOIN flags " " flags_text)
    set(objects kernel_${name}_${build})
    add_library(${objects} OBJECT ${KERNEL_UNPARSED_ARGUMENTS})
    set_target_properties(${objects} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
    target_include_directories(${objects} PRIVATE ${COUNTERSIGN_INCLUDE_DIRECTORY})
    # A descriptor leaves out what it does not need; g++ warns of that where gcc does not.
    target_compile_options(${objects} PRIVATE -Wall -Wextra $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
                           $<$<BOOL:${COUNTERSIGN_WERROR}>:-Werror> ${flags})
    target_compile_definitions(${objects} PRIVATE "CS_BUILD_FLAGS=\"${flags_text}\"")
    target_link_libraries(${objects} PRIVATE ${libraries})
    set(module ${name}.${build})
    add_library(${module} MODULE $<TARGET_OBJECTS:${objects}>)
    set_target_properties(${module} PROPERTIES PREFIX ""
                          LIBRARY_OUTPUT_DIRECTORY ${COUNTERSIGN_KERNEL_DIRECTORY})
    target_link_libraries(${module} PRIVATE ${libraries})
    target_link_options(${module} PRIVATE ${COUNTERSIGN_PROGRAM_LINK_FLAGS})

    set(recipe ${COUNTERSIGN_KERNEL_DIRECTORY}/${module}.link)
    add_custom_command(
      OUTPUT ${recipe}/recipe
      COMMAND ${COUNTERSIGN_LINK_RECIPE} ${recipe} $<TARGET_OBJECTS:${objects}> -- ${linker} -- ${flags}
              ${COUNTERSIGN_PROGRAM_LINK_FLAGS} ${recipe_libraries}
      DEPENDS ${objects} $<TARGET_OBJECTS:${objects}> ${COUNTERSIGN_LINK_RECIPE}
      COMMENT "Keeping what ${module} is linked from" COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(${module}.link ALL DEPENDS ${recipe}/recipe)
  endforeach()
endfunction()
