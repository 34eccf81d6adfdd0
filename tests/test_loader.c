#include "tests/support/suite.h"
int main(void){return 0;}
