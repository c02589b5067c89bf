# Finds the serial C library of HDF5 and makes the targets hdf5_c and hdf5_hl (dimension scales).
#
# CMake's own module needs the C language and takes the MPI build where both are installed; the result files
# are written by one thread of one process, and only the serial library is built thread-safe.
find_path(SerialHDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
find_library(SerialHDF5_LIBRARY NAMES hdf5_serial hdf5 PATH_SUFFIXES hdf5/serial)
find_library(SerialHDF5_HL_LIBRARY NAMES hdf5_serial_hl hdf5_hl PATH_SUFFIXES hdf5/serial)
if(SerialHDF5_INCLUDE_DIR AND EXISTS ${SerialHDF5_INCLUDE_DIR}/H5pubconf.h)
    file(STRINGS ${SerialHDF5_INCLUDE_DIR}/H5pubconf.h line REGEX "define H5_VERSION ")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" SerialHDF5_VERSION "${line}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SerialHDF5 REQUIRED_VARS SerialHDF5_LIBRARY SerialHDF5_HL_LIBRARY SerialHDF5_INCLUDE_DIR
                                  VERSION_VAR SerialHDF5_VERSION)
if(SerialHDF5_FOUND AND NOT TARGET hdf5_c)
    add_library(hdf5_c UNKNOWN IMPORTED)
    set_target_properties(hdf5_c PROPERTIES IMPORTED_LOCATION ${SerialHDF5_LIBRARY}
                          INTERFACE_INCLUDE_DIRECTORIES ${SerialHDF5_INCLUDE_DIR})
    add_library(hdf5_hl UNKNOWN IMPORTED)
    set_target_properties(hdf5_hl PROPERTIES IMPORTED_LOCATION ${SerialHDF5_HL_LIBRARY}
                          INTERFACE_LINK_LIBRARIES hdf5_c)
    add_library(hdf5::hdf5 ALIAS hdf5_c)
    add_library(hdf5::hdf5_hl ALIAS hdf5_hl)
endif()
mark_as_advanced(SerialHDF5_INCLUDE_DIR SerialHDF5_LIBRARY SerialHDF5_HL_LIBRARY)
