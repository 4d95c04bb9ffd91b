using System.Runtime.CompilerServices;

namespace Facula.Numerics;

/// <summary>
/// Elementary functions as polynomials over the number type, so that every width gets the same bits. Where no source is named, the coefficients
/// are minimax fits with machine-number coefficients (Brisebarre and Chevillard, "Efficient polynomial L-infinity approximations", 2007: Sollya's
/// fpminimax), made for this file; the comment beside them gives the interval and the error that they leave before rounding.
/// </summary>
internal static partial class Elementary
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private const double Log2E = 1.4426950408889634, Ln2 = 0.6931471805599453;

    // ln 2 in two parts, the first with so few bits that its product with any exponent is exact, fused or not: 16 bits for float, 33 for double.
    private const double Ln2HighSingle = 0x0B172 / 65536.0;
    private const double Ln2LowSingle = 1.4286068203094173e-06;
    private const double Ln2High = 0.6931471803691238;
    private const double Ln2Low = 1.9082149292705877e-10;
}
