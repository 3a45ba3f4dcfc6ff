# Kernels are found by folder. kernels/NAME holds kernel.c (or kernel.cpp) with the descriptor, one source file a
# variant, and, where it needs a library, kernel.cmake, which may set
#   KERNEL_PACKAGES   pkg-config modules      KERNEL_LIBRARIES   libraries by name      KERNEL_OPENMP   ON
# Each is compiled once for this CPU and once for any CPU of the architecture, and linked as a loadable module
#   lib/countersign/kernels/NAME.native.so   NAME.portable.so
# and again with its functions at other places, of which each replicate draws one (see link-layouts):
#   lib/countersign/kernels/NAME.native.layouts/01.so …

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
set(COUNTERSIGN_LAYOUTS 16 CACHE STRING "links of each kernel, with functions at different places")
# RelWithDebInfo's own flags would add -O2: a kernel is compiled with exactly what its result records.
set(COUNTERSIGN_KERNEL_FLAGS -O3 -g)

function(countersign_add_kernel folder)
  get_filename_component(name ${folder} NAME)
  if(NOT EXISTS ${folder}/kernel.c AND NOT EXISTS ${folder}/kernel.cpp)
    message(FATAL_ERROR "${folder} is not a kernel: it has no kernel.c or kernel.cpp. "
            "A kernel's folder holds its descriptor there and one source file a variant; see docs/CASES.md.")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c ${folder}/*.cpp)
  file(GLOB has_cxx ${folder}/*.cpp)
  set(KERNEL_PACKAGES "")
  set(KERNEL_LIBRARIES "")
  set(KERNEL_OPENMP OFF)
  include(${folder}/kernel.cmake OPTIONAL)

  foreach(build native portable)
    string(TOUPPER ${build} BUILD)
    separate_arguments(machine_flags UNIX_COMMAND "${COUNTERSIGN_${BUILD}_FLAGS}")
    set(flags ${COUNTERSIGN_KERNEL_FLAGS} ${machine_flags})
    set(libraries ${KERNEL_LIBRARIES})
    set(layout_libraries ${KERNEL_LIBRARIES})
    if(KERNEL_OPENMP)
      find_package(OpenMP REQUIRED)
      list(APPEND flags ${OpenMP_C_FLAGS})
      # Threads of libgomp's pool outlive a run and wait inside the library, which dlclose must not unmap.
      list(APPEND libraries ${OpenMP_C_LIBRARIES} -Wl,-z,nodelete)
      list(APPEND layout_libraries ${OpenMP_C_LIBRARIES} -Wl,-z,nodelete)
    endif()
    foreach(package ${KERNEL_PACKAGES})
      string(MAKE_C_IDENTIFIER ${package} id)
      pkg_check_modules(${id} REQUIRED IMPORTED_TARGET ${package})
      list(APPEND libraries PkgConfig::${id})
      list(APPEND layout_libraries ${${id}_LDFLAGS})
    endforeach()
    list(JOIN flags " " flags_text)
    set(objects kernel_${name}_${build})
    add_library(${objects} OBJECT ${sources})
    set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON INTERPROCEDURAL_OPTIMIZATION OFF)
    target_include_directories(${objects} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../harness/include)
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
    install(TARGETS ${module} LIBRARY DESTINATION lib/countersign/kernels)

    set(linker ${CMAKE_C_COMPILER})
    if(has_cxx)
      set(linker ${CMAKE_CXX_COMPILER})
    endif()
    set(layouts ${COUNTERSIGN_KERNEL_DIRECTORY}/${module}.layouts)
    add_custom_command(
      OUTPUT ${layouts}/01.so
      COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/link-layouts ${layouts} ${COUNTERSIGN_LAYOUTS} $<TARGET_OBJECTS:${objects}> --
              ${linker} ${flags} ${layout_libraries}
      DEPENDS ${objects} $<TARGET_OBJECTS:${objects}> ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/link-layouts
      COMMENT "Linking ${module} ${COUNTERSIGN_LAYOUTS} times" COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(${module}.layouts ALL DEPENDS ${layouts}/01.so)
    install(DIRECTORY ${layouts} DESTINATION lib/countersign/kernels)
  endforeach()
endfunction()

function(countersign_add_kernels root)
  file(GLOB folders CONFIGURE_DEPENDS ${root}/*)
  foreach(folder ${folders})
    if(IS_DIRECTORY ${folder})
      countersign_add_kernel(${folder})
    else()
      message(FATAL_ERROR "${folder} is not a kernel: kernels/ holds folders only.")
    endif()
  endforeach()
endfunction()

# What the kernels' tests link with: they load the portable modules as the worker does.
add_library(countersign_kernels INTERFACE)
target_link_libraries(countersign_kernels INTERFACE ${CMAKE_DL_LIBS} m)
