int before;
#pragma clang __debug crash
int after;
