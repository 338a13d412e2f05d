int before;
#pragma clang __debug llvm_fatal_error
int after;
