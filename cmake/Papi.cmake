# PAPI and libpfm4. PAPI's Debian package brings no pkg-config file, so both are found by name; another PAPI is chosen
# with -DCMAKE_PREFIX_PATH=PREFIX.
find_path(PAPI_INCLUDE papi.h REQUIRED)
find_library(PAPI_LIBRARY papi REQUIRED)
find_path(PFM_INCLUDE perfmon/pfmlib.h REQUIRED)
find_library(PFM_LIBRARY pfm REQUIRED)
add_library(countersign_papi INTERFACE)
target_include_directories(countersign_papi SYSTEM INTERFACE ${PAPI_INCLUDE} ${PFM_INCLUDE})
target_link_libraries(countersign_papi INTERFACE ${PAPI_LIBRARY} ${PFM_LIBRARY})
