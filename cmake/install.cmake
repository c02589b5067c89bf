# cmake --install, and the package that find_package(proeftuin) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(PROEFTUIN_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/proeftuin)

# proeftuin::proeftuin is everything at once.
get_property(components GLOBAL PROPERTY PROEFTUIN_COMPONENTS)
add_library(proeftuin_everything INTERFACE)
set_target_properties(proeftuin_everything PROPERTIES EXPORT_NAME proeftuin)
target_link_libraries(proeftuin_everything INTERFACE ${components})

install(TARGETS ${components} proeftuin_everything EXPORT proeftuin
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/proeftuin COMPONENT development)
install(EXPORT proeftuin NAMESPACE proeftuin:: FILE proeftuinTargets.cmake
        DESTINATION ${PROEFTUIN_PACKAGE_DIR} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/proeftuinConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/proeftuinConfig.cmake
                              INSTALL_DESTINATION ${PROEFTUIN_PACKAGE_DIR})
# Before 1.0 a minor version may change anything.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/proeftuinConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/proeftuinConfig.cmake ${PROJECT_BINARY_DIR}/proeftuinConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindSerialHDF5.cmake
        DESTINATION ${PROEFTUIN_PACKAGE_DIR} COMPONENT development)

if(TARGET proeftuin)
    install(TARGETS proeftuin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
foreach(folder models/library scenarios)
    if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
        install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/proeftuin
                COMPONENT program FILES_MATCHING PATTERN "*.yaml" PATTERN "*.csv" PATTERN "*.md")
    endif()
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

if(PROEFTUIN_TESTS)
    # Installs this build into a scratch folder and builds a small program against it.
    add_test(NAME install.a_program_builds_against_the_installed_package
             COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -DSOURCE=${PROJECT_SOURCE_DIR}/tests/install
                     -DSCRATCH=${PROJECT_BINARY_DIR}/install_test -DCOMPILER=${CMAKE_CXX_COMPILER}
                     -DBUILD_TYPE=${CMAKE_BUILD_TYPE} -DSANITIZE=${PROEFTUIN_SANITIZE} -DVERSION=${PROJECT_VERSION}
                     -P ${PROJECT_SOURCE_DIR}/tests/install/install_and_use.cmake)
    set_tests_properties(install.a_program_builds_against_the_installed_package PROPERTIES TIMEOUT 600
                         RESOURCE_LOCK build_tree)
endif()
