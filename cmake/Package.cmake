# What is installed for those who build kernels of their own: by `countersign run FOLDER` (header, templates and
# link-recipe, found relative to the program), with pkg-config, or with CMake (compile-kernel).
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/countersign)
set(KERNELS lib/countersign/kernels)
set(COMPILE_KERNEL lib/countersign/compile-kernel)
set(PROGRAM ${CMAKE_INSTALL_BINDIR}/countersign)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/countersignConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/package/countersignConfig.cmake INSTALL_DESTINATION ${package}
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR KERNELS COMPILE_KERNEL PROGRAM)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/countersignConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/countersignConfig.cmake
              ${PROJECT_BINARY_DIR}/package/countersignConfigVersion.cmake DESTINATION ${package})
install(FILES ${CMAKE_CURRENT_LIST_DIR}/KernelModule.cmake DESTINATION ${package} RENAME countersignKernelModule.cmake)

# An installation may be moved as a whole: the file leads to its prefix from where it lies itself.
file(RELATIVE_PATH PREFIX_FROM_PKGCONFIG /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" PREFIX_FROM_PKGCONFIG ${PREFIX_FROM_PKGCONFIG})
# The flags by which a module's code is what it would be in a program, as the recipe has them.
foreach(macro TOOLCHAIN_AS_A_PROGRAM TOOLCHAIN_LINK_AS_A_PROGRAM)
  file(READ ${PROJECT_SOURCE_DIR}/harness/compile/toolchain.h toolchain)
  string(REGEX MATCH "#define ${macro}[ \\\n]+\"([^\"]*)\"" found ${toolchain})
  set(${macro} ${CMAKE_MATCH_1})
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/countersign.pc.in ${PROJECT_BINARY_DIR}/package/countersign.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/countersign.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(PROGRAMS ${CMAKE_CURRENT_LIST_DIR}/link-recipe DESTINATION lib/countersign)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/templates DESTINATION ${CMAKE_INSTALL_DATADIR}/countersign)

# The build folder mirrors an installation.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include)
foreach(header countersign.h countersign.hpp)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/harness/include/${header} ${PROJECT_BINARY_DIR}/include/${header} SYMBOLIC)
endforeach()
file(CREATE_LINK ${CMAKE_CURRENT_LIST_DIR}/link-recipe ${PROJECT_BINARY_DIR}/lib/countersign/link-recipe SYMBOLIC)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/templates ${PROJECT_BINARY_DIR}/share/countersign/templates SYMBOLIC)
