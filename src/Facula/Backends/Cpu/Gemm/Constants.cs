using System.Runtime.InteropServices;

namespace Facula.Backends.Cpu;

// Integers as types: the value is the size of the type. A size is known to the JIT while it reads a method, so it never even looks at what
// "if (sizeof(R) > 4)" switches off; a static abstract property is known only after inlining, and costs twice the time.
[StructLayout(LayoutKind.Sequential, Size = 1)] internal readonly struct N1;
[StructLayout(LayoutKind.Sequential, Size = 2)] internal readonly struct N2;
[StructLayout(LayoutKind.Sequential, Size = 3)] internal readonly struct N3;
[StructLayout(LayoutKind.Sequential, Size = 4)] internal readonly struct N4;
[StructLayout(LayoutKind.Sequential, Size = 5)] internal readonly struct N5;
[StructLayout(LayoutKind.Sequential, Size = 6)] internal readonly struct N6;
[StructLayout(LayoutKind.Sequential, Size = 7)] internal readonly struct N7;
[StructLayout(LayoutKind.Sequential, Size = 8)] internal readonly struct N8;
[StructLayout(LayoutKind.Sequential, Size = 9)] internal readonly struct N9;
[StructLayout(LayoutKind.Sequential, Size = 10)] internal readonly struct N10;
[StructLayout(LayoutKind.Sequential, Size = 11)] internal readonly struct N11;
[StructLayout(LayoutKind.Sequential, Size = 12)] internal readonly struct N12;
