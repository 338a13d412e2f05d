precious: kept by the build
