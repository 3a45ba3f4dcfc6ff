/* Files of this folder that a page carries as they are; made by cmake/embed-file.cmake. Each ends with a NUL. */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

extern const char page_style_sheet[], page_script[];

#endif
