# Kernels are found by folder. kernels/GROUP/NAME, or NAME without a group, holds kernel.c (or kernel.cpp) with the descriptor, one source file a
# variant, and, where it needs a library, kernel.cmake, which may set
#   KERNEL_PACKAGES   pkg-config modules      KERNEL_LIBRARIES   libraries by name      KERNEL_OPENMP   ON
# What is built of it, and how, is KernelModule.cmake's; it is installed in lib/countersign/kernels.

set(COUNTERSIGN_INCLUDE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/../harness/include)
set(COUNTERSIGN_LINK_RECIPE ${CMAKE_CURRENT_LIST_DIR}/link-recipe)
include(${CMAKE_CURRENT_LIST_DIR}/KernelModule.cmake)

function(countersign_add_kernel_folder folder)
  get_filename_component(name ${folder} NAME)
  if(NOT EXISTS ${folder}/kernel.c AND NOT EXISTS ${folder}/kernel.cpp)
    message(FATAL_ERROR "${folder} is not a kernel: it has no kernel.c or kernel.cpp. "
            "A kernel's folder holds its descriptor there and one source file a variant; see docs/CASES.md.")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c ${folder}/*.cpp)
  set(KERNEL_PACKAGES "")
  set(KERNEL_LIBRARIES "")
  set(KERNEL_OPENMP OFF)
  include(${folder}/kernel.cmake OPTIONAL)
  set(options PACKAGES ${KERNEL_PACKAGES} LIBRARIES ${KERNEL_LIBRARIES})
  if(KERNEL_OPENMP)
    list(APPEND options OPENMP)
  endif()
  countersign_add_kernel(${name} ${sources} ${options})
  foreach(module ${name}.native ${name}.portable)
    install(TARGETS ${module} LIBRARY DESTINATION lib/countersign/kernels)
    install(DIRECTORY ${COUNTERSIGN_KERNEL_DIRECTORY}/${module}.link DESTINATION lib/countersign/kernels)
  endforeach()
endfunction()

function(countersign_add_kernels root)
  file(GLOB folders CONFIGURE_DEPENDS ${root}/*)
  foreach(folder ${folders})
    file(GLOB grouped CONFIGURE_DEPENDS ${folder}/*/kernel.c ${folder}/*/kernel.cpp)
    if(grouped)
      countersign_add_kernels(${folder})
    elseif(IS_DIRECTORY ${folder})
      countersign_add_kernel_folder(${folder})
    else()
      message(FATAL_ERROR "${folder} is not a kernel: kernels/ holds folders only.")
    endif()
  endforeach()
endfunction()

# What the kernels' tests link with: they load the portable modules as the worker does.
add_library(countersign_kernels INTERFACE)
target_link_libraries(countersign_kernels INTERFACE countersign_worker ${CMAKE_DL_LIBS} m)
