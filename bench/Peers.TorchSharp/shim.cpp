// The one thing libLibTorchSharp.so wants from GLIBCXX_3.4.32: the library's own initialisation of cin, cout and cerr.
// Older systems initialise them in every object that includes <iostream>, as this one does.
#include <iostream>

extern "C" void _ZSt21ios_base_library_initv()
{
    static std::ios_base::Init streams;
}
