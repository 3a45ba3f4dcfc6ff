# How a kernel is built: for the kernels of this project and, installed, for those of others (find_package(countersign)).
#
#   countersign_add_kernel(NAME SOURCE… [OPENMP] [PACKAGES pkg-config-module…] [LIBRARIES library…])
#   countersign_add_kernel(NAME FOLDER folder)      all its sources, with what its kernel.cmake says they need
#
# has compile-kernel, which is to a build what `countersign run FOLDER` is to a user, compile the sources once for this
# CPU and once for any CPU of the architecture, and link them as loadable modules
#   NAME.native.so   NAME.portable.so
# in COUNTERSIGN_KERNEL_DIRECTORY, with what each replicate links them from anew, NAME.native.link/ and NAME.portable.link/.
# A kernel whose package or library is missing is left out: NAME.missing says why, and each build looks again.
# Target: NAME.kernel, part of ALL. Needs COUNTERSIGN_INCLUDE_DIRECTORY (of countersign.h) and COUNTERSIGN_COMPILE_KERNEL.
#
# CFLAGS, CMAKE_C_FLAGS and those of a build type are not used: a kernel is compiled with exactly what is named here, and
# its result records.
cmake_policy(SET CMP0116 NEW)

set(COUNTERSIGN_KERNEL_FLAGS -O3 -g CACHE STRING "flags of both builds of kernels")
if(CMAKE_CROSSCOMPILING)
  set(COUNTERSIGN_NATIVE_FLAGS "" CACHE STRING "flags of native kernels; a cross compiler does not know the machine's CPU")
else()
  set(COUNTERSIGN_NATIVE_FLAGS "-march=native" CACHE STRING "flags of native kernels")
endif()

# The options of compile-kernel that are the same for all kernels.
function(countersign_kernel_options result)
  foreach(language C CXX)
    set(command "\"${CMAKE_${language}_COMPILER}\" ${CMAKE_${language}_COMPILER_ARG1}")
    if(CMAKE_${language}_COMPILER_TARGET AND CMAKE_${language}_COMPILER_ID MATCHES Clang)
      string(APPEND command " --target=${CMAKE_${language}_COMPILER_TARGET}")
    endif()
    if(CMAKE_SYSROOT)
      string(APPEND command " \"--sysroot=${CMAKE_SYSROOT}\"")
    endif()
    set(${language} ${command})
  endforeach()
  # The functions of a descriptor are given what not all of them need.
  set(warnings "-Wall -Wextra -Wno-unused-parameter")
  if(COUNTERSIGN_WERROR)
    string(APPEND warnings " -Werror")
  endif()
  list(JOIN COUNTERSIGN_KERNEL_FLAGS " " flags)
  list(JOIN CMAKE_C_COMPILER_LAUNCHER " " launcher)
  # A descriptor leaves out what it does not need; g++ warns of that where gcc does not.
  set(options --include ${COUNTERSIGN_INCLUDE_DIRECTORY} --cc ${C} --cxx ${CXX} --flags
              "${flags} ${COUNTERSIGN_NATIVE_FLAGS}" --warnings ${warnings} --warnings-cxx
              "${warnings} -Wno-missing-field-initializers" "--launcher=${launcher}")
  if(CMAKE_CROSSCOMPILING)
    set(portable "")
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
      set(portable -march=x86-64-v3)
    endif()
    list(APPEND options "--portable=${portable}")
  endif()
  set(${result} ${options} PARENT_SCOPE)
endfunction()

function(countersign_add_kernel name)
  cmake_parse_arguments(KERNEL OPENMP FOLDER "PACKAGES;LIBRARIES" ${ARGN})
  set(home ${CMAKE_CURRENT_BINARY_DIR}/kernel-objects/${name})
  countersign_kernel_options(options)
  list(APPEND options --output ${COUNTERSIGN_KERNEL_DIRECTORY} --cache ${home}/cache --name ${name} --stamp ${home}/stamp
              --depfile ${home}/depends)
  foreach(package ${KERNEL_PACKAGES})
    list(APPEND options --package ${package})
  endforeach()
  foreach(library ${KERNEL_LIBRARIES})
    list(APPEND options --library ${library})
  endforeach()
  if(KERNEL_OPENMP)
    list(APPEND options --openmp)
  endif()
  set(inputs ${KERNEL_FOLDER})
  if(NOT KERNEL_FOLDER)
    set(inputs ${CMAKE_CURRENT_SOURCE_DIR})
    foreach(source ${KERNEL_UNPARSED_ARGUMENTS})
      get_filename_component(source ${source} ABSOLUTE)
      list(APPEND inputs ${source})
    endforeach()
  endif()
  # pkg-config is asked at each build, and answers as it did when this was configured.
  set(environment)
  foreach(variable PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR)
    if(DEFINED ENV{${variable}})
      list(APPEND environment "${variable}=$ENV{${variable}}")
    endif()
  endforeach()
  add_custom_command(
    OUTPUT ${home}/stamp
    COMMAND ${CMAKE_COMMAND} -E env ${environment} ${COUNTERSIGN_COMPILE_KERNEL} ${options} ${inputs}
    DEPENDS ${COUNTERSIGN_COMPILE_KERNEL}
    DEPFILE ${home}/depends
    COMMENT "Compiling kernel ${name}" VERBATIM)
  add_custom_target(${name}.kernel ALL DEPENDS ${home}/stamp)
endfunction()
