# What is installed, and the Debian packages made of it.
#   lib  libcredit0      the shared library, the shipped pack, the trust directory
#   dev  libcredit-dev   headers, static library, pkg-config, CMake package
#   cli  credit          the program, its manual page and completion
include(CMakePackageConfigHelpers)

install(TARGETS credit_shared EXPORT creditTargets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT lib NAMELINK_COMPONENT dev)
install(TARGETS credit_static EXPORT creditTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
install(FILES "${PROJECT_SOURCE_DIR}/api/credit.h" "${PROJECT_SOURCE_DIR}/engine/types.h"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/credit" COMPONENT dev)

if(EXISTS "${PROJECT_SOURCE_DIR}/packs")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/packs"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/credit" COMPONENT lib)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/cmake/trust-README"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/credit/trust" RENAME README COMPONENT lib)

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/credit")
install(EXPORT creditTargets NAMESPACE credit:: DESTINATION "${package_directory}" COMPONENT dev)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/creditConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_SOURCE_DIR}/cmake/creditConfig.cmake"
    "${PROJECT_BINARY_DIR}/creditConfigVersion.cmake"
    DESTINATION "${package_directory}" COMPONENT dev)

# The file says where it lies itself, so that a moved installation still works.
file(RELATIVE_PATH PC_TO_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/credit.pc.in" "${PROJECT_BINARY_DIR}/credit.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/credit.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)

# cpack -G DEB
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME credit)
set(CPACK_PACKAGE_CONTACT "credit maintainers <maintainers@credit.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL lib dev)
if(TARGET credit_cli)
    list(APPEND CPACK_COMPONENTS_ALL cli)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS
    "${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}")
set(CPACK_DEBIAN_LIB_PACKAGE_NAME "libcredit${PROJECT_VERSION_MAJOR}")
set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libcredit-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libcredit${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION}), liblmdb-dev, libjansson-dev, libexpat1-dev, zlib1g-dev, libqrencode-dev, libssl-dev, libcsv-dev, libintelrdfpmath-dev")
set(CPACK_DEBIAN_CLI_PACKAGE_NAME credit)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_CLI_PACKAGE_DEPENDS "libcredit${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
include(CPack)
