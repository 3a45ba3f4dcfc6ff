# Kernels are found by folder. kernels/GROUP/NAME, or kernels/NAME, holds kernel.c (or kernel.cpp) with the descriptor, one
# source file a variant, and, where it needs a library, kernel.cmake (see docs/YOUR-CODE.md). What is built of it, and how,
# is KernelModule.cmake's; it is installed in lib/countersign/kernels.

get_filename_component(harness ${CMAKE_CURRENT_LIST_DIR}/../harness ABSOLUTE)
set(COUNTERSIGN_INCLUDE_DIRECTORY ${harness}/include)
if(TARGET countersign_compile AND NOT CMAKE_CROSSCOMPILING)
  add_executable(compile-kernel ${CMAKE_CURRENT_LIST_DIR}/compile-kernel.c)
  set_target_properties(compile-kernel PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/countersign)
  countersign_harness_options(compile-kernel)
  target_link_libraries(compile-kernel PRIVATE countersign_compile)
  install(TARGETS compile-kernel RUNTIME DESTINATION lib/countersign)
  set(COUNTERSIGN_COMPILE_KERNEL ${PROJECT_BINARY_DIR}/lib/countersign/compile-kernel)
else()
  # A project without the harness, or for another machine: compile-kernel by a compiler for this one.
  set(COUNTERSIGN_HOST_CC cc CACHE STRING "C compiler for the machine that builds")
  set(COUNTERSIGN_COMPILE_KERNEL ${PROJECT_BINARY_DIR}/host/compile-kernel)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/host)
  file(GLOB tool_sources CONFIGURE_DEPENDS ${harness}/base/*.c ${harness}/compile/*.c)
  list(FILTER tool_sources EXCLUDE REGEX "/compile_commands\\.c$") # a duel's, and needs jansson
  add_custom_command(
    OUTPUT ${COUNTERSIGN_COMPILE_KERNEL}
    COMMAND ${COUNTERSIGN_HOST_CC} -std=gnu17 -O1 -D_GNU_SOURCE -I${harness} -I${harness}/include -o
            ${COUNTERSIGN_COMPILE_KERNEL} ${CMAKE_CURRENT_LIST_DIR}/compile-kernel.c ${tool_sources} -lelf -lm
    DEPENDS ${CMAKE_CURRENT_LIST_DIR}/compile-kernel.c ${tool_sources}
    COMMENT "Building compile-kernel for this machine" VERBATIM)
  add_custom_target(compile-kernel DEPENDS ${COUNTERSIGN_COMPILE_KERNEL})
endif()
include(${CMAKE_CURRENT_LIST_DIR}/KernelModule.cmake)

function(countersign_add_kernel_folder folder)
  get_filename_component(name ${folder} NAME)
  countersign_add_kernel(${name} FOLDER ${folder})
  add_dependencies(${name}.kernel compile-kernel)
  foreach(module ${name}.native ${name}.portable)
    set(path ${COUNTERSIGN_KERNEL_DIRECTORY}/${module})
    install(PROGRAMS ${path}.so DESTINATION lib/countersign/kernels OPTIONAL)
    install(FILES ${path}.codes DESTINATION lib/countersign/kernels OPTIONAL)
    install(DIRECTORY ${path}.link DESTINATION lib/countersign/kernels OPTIONAL)
  endforeach()
  install(FILES ${COUNTERSIGN_KERNEL_DIRECTORY}/${name}.missing DESTINATION lib/countersign/kernels OPTIONAL)
endfunction()

# Kernels below a folder, or groups of them.
function(countersign_add_kernels root)
  file(GLOB folders CONFIGURE_DEPENDS ${root}/*)
  foreach(folder ${folders})
    file(GLOB kernels CONFIGURE_DEPENDS ${folder}/kernel.c ${folder}/kernel.cpp)
    file(GLOB below CONFIGURE_DEPENDS ${folder}/*/kernel.c ${folder}/*/kernel.cpp)
    if(folder MATCHES "\\.h$") # what the kernels of a group share
      continue()
    elseif(NOT IS_DIRECTORY ${folder})
      message(FATAL_ERROR "${folder} is not a kernel: kernels/ holds folders, and headers that those of a group share.")
    elseif(kernels)
      countersign_add_kernel_folder(${folder})
    elseif(below)
      countersign_add_kernels(${folder})
    else()
      message(FATAL_ERROR "${folder} is not a kernel: it has no kernel.c or kernel.cpp. "
              "A kernel's folder holds its descriptor there and one source file a variant; see docs/CASES.md.")
    endif()
  endforeach()
endfunction()

# What the kernels' tests link with: they load the portable modules as the worker does.
add_library(countersign_kernels INTERFACE)
target_link_libraries(countersign_kernels INTERFACE countersign_worker ${CMAKE_DL_LIBS} m)
