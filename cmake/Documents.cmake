# The manual page and the completions of shells: the program makes them from its tables of options.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "no manual page and no completions: the program makes them, and cannot run here")
  return()
endif()

set(documents)
# countersign_add_document(FOLDER NAME WORDS [INPUT]): what `countersign completion WORDS` prints, below share/.
function(countersign_add_document folder name words)
  set(path ${PROJECT_BINARY_DIR}/share/${folder}/${name})
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/${folder})
  set(input ${ARGN})
  if(input)
    set(from < ${input})
  endif()
  add_custom_command(OUTPUT ${path} COMMAND countersign completion ${words} ${from} > ${path}
                     DEPENDS countersign ${input})
  install(FILES ${path} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/${folder})
  set(documents ${documents} ${path} PARENT_SCOPE)
endfunction()

countersign_add_document(man/man1 countersign.1 manual ${PROJECT_SOURCE_DIR}/man/countersign.1)
countersign_add_document(bash-completion/completions countersign bash)
countersign_add_document(zsh/site-functions _countersign zsh)
countersign_add_document(fish/vendor_completions.d countersign.fish fish)
add_custom_target(documents ALL DEPENDS ${documents})
