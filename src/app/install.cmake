# What `cmake --install` puts where: the binary, one systemd unit per role and a target, the man page, and for those who
# write services the headers, the library behind them and find_package(distd).
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/distd)

install(TARGETS distd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

# The SDK.
target_compile_features(distd_sdk PUBLIC cxx_std_20)
install(TARGETS distd_sdk EXPORT distdTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/distd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT distdTargets NAMESPACE distd:: DESTINATION ${package_dir})
configure_package_config_file(src/app/package/distdConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/package/distdConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/package/distdConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)  # while the version starts with 0
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/distdConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/package/distdConfigVersion.cmake DESTINATION ${package_dir})

# Units and man page name the place they are installed to, which is known only then (--prefix), and the man page's
# options come from the binary itself.
configure_file(src/app/package/install_texts.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/package/install_texts.cmake.in2 @ONLY)
file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/package/install_texts-$<CONFIG>.cmake
    INPUT ${CMAKE_CURRENT_BINARY_DIR}/package/install_texts.cmake.in2)
install(SCRIPT ${CMAKE_CURRENT_BINARY_DIR}/package/install_texts-$<CONFIG>.cmake)
