namespace Facula.Tests.Devices;

/// <summary>What does not work on every device yet, and why. A test that is listed here must fail; once it passes, its line must go.</summary>
internal static class KnownRed
{
    /// <summary>Plain numbers are memory of the host, or are written to memory that the host may not touch.</summary>
    private static readonly string[] PlainNumbers =
    [
        "remote, lerp weights in place", "remote, lerp weights in place, twice",
        "reference, localResponseNorm, twice", "reference, lpPool1d, twice", "reference, x pow 2.5, twice", "remote, 2 pow x", "remote, 2 pow x, twice",
        "remote, 2.5 - x", "remote, 2.5 - x, twice", "remote, 2.5 / x", "remote, 2.5 / x, twice", "remote, a % b, twice", "remote, abs, twice",
        "remote, adaptiveMaxPool1d, twice", "remote, adaptiveMaxPool2d with indices", "remote, adaptiveMaxPool2d with indices, twice",
        "remote, adaptiveMaxPool2d, twice", "remote, adaptiveMaxPool3d, twice", "remote, add alpha", "remote, add alpha, twice", "remote, add in place alpha",
        "remote, add in place alpha, twice", "remote, addMm scaled", "remote, addMm scaled, twice", "remote, alphaDropout", "remote, alphaDropout, twice",
        "remote, amax dim", "remote, amax dim, twice", "remote, amax dims", "remote, amax dims, twice", "remote, amin dim", "remote, amin dim, twice",
        "remote, amin dims", "remote, amin dims, twice", "remote, batchNorm of rows, twice", "remote, batchNorm rectified, twice",
        "remote, batchNorm without weight, twice", "remote, batchNorm, twice", "remote, binaryCrossEntropy, twice",
        "remote, binaryCrossEntropyWithLogits, twice", "remote, clamp by tensors", "remote, clamp by tensors, twice", "remote, clamp in place, twice",
        "remote, clamp max, twice", "remote, clamp min, twice", "remote, clamp, twice", "remote, cosineSimilarity, twice",
        "remote, crossEntropy kernel, short rows, twice", "remote, crossEntropy kernel, smooth and weighted, twice",
        "remote, crossEntropy kernel, smooth, twice", "remote, crossEntropy kernel, twice", "remote, crossEntropy, twice", "remote, elu, twice",
        "remote, erf, twice", "remote, erfc, twice", "remote, expm1, twice", "remote, gelu tanh, twice", "remote, gelu, twice",
        "remote, groupNorm of all channels, twice", "remote, groupNorm of rows, twice", "remote, groupNorm without weight, twice", "remote, groupNorm, twice",
        "remote, hardSigmoid, twice", "remote, hardSwish, twice", "remote, hardTanh, twice", "remote, huberLoss, twice", "remote, indexAdd",
        "remote, indexAdd, twice", "remote, instanceNorm of images, twice", "remote, instanceNorm, twice", "remote, klDiv of logarithms, twice",
        "remote, klDiv, twice", "remote, l1Loss, twice", "remote, layerNorm of several, twice", "remote, layerNorm wide, twice",
        "remote, layerNorm without weight, twice", "remote, layerNorm, twice", "remote, leakyRelu, twice", "remote, lerp", "remote, lerp beyond half",
        "remote, lerp beyond half, twice", "remote, lerp in place", "remote, lerp in place, twice", "remote, lerp weights", "remote, lerp weights, twice",
        "remote, lerp, twice", "remote, linear rectified, twice", "remote, localResponseNorm", "remote, localResponseNorm even",
        "remote, localResponseNorm even, twice", "remote, localResponseNorm, twice", "remote, log1p, twice", "remote, logSumExp dim",
        "remote, logSumExp dim, twice", "remote, logSumExp dims", "remote, logSumExp dims, twice", "remote, lpPool1d",
        "remote, lpPool1d smaller than its window", "remote, lpPool1d smaller than its window, twice", "remote, lpPool1d, twice", "remote, lpPool2d",
        "remote, lpPool2d, twice", "remote, maskedFill", "remote, maskedFill in place", "remote, maskedFill in place, twice", "remote, maskedFill tensor",
        "remote, maskedFill tensor, twice", "remote, maskedFill, twice", "remote, max", "remote, max dim", "remote, max dim, twice", "remote, max last dim",
        "remote, max last dim, twice", "remote, max, twice", "remote, maxPool1d unbatched, twice", "remote, maxPool1d, twice",
        "remote, maxPool2d of all kinds, twice", "remote, maxPool2d one channel, twice", "remote, maxPool2d overlapping, twice",
        "remote, maxPool2d rectified, twice", "remote, maxPool2d wide kernel, twice", "remote, maxPool2d with indices",
        "remote, maxPool2d with indices, twice", "remote, maxPool2d, twice", "remote, maxPool3d, twice", "remote, maxUnpool1d", "remote, maxUnpool1d, twice",
        "remote, maxUnpool2d", "remote, maxUnpool2d, twice", "remote, maxUnpool3d", "remote, maxUnpool3d, twice", "remote, maximum, twice",
        "remote, mean dim, twice", "remote, mean dims, twice", "remote, mean, twice", "remote, min", "remote, min dim", "remote, min dim, twice",
        "remote, min, twice", "remote, minimum, twice", "remote, mish, twice", "remote, mseLoss none, twice", "remote, mseLoss row, twice",
        "remote, mseLoss, twice", "remote, nllLoss", "remote, nllLoss, twice", "remote, norm -inf", "remote, norm -inf, twice", "remote, norm 0, twice",
        "remote, norm 1, twice", "remote, norm 3, twice", "remote, norm inf", "remote, norm inf, twice", "remote, norm, twice",
        "remote, normalize by the sum, twice", "remote, normalize, twice", "remote, pow, twice", "remote, relu in place, twice", "remote, relu, twice", "remote, relu6, twice",
        "remote, remainder, twice", "remote, rmsNorm, twice", "remote, rsqrt, twice", "remote, scatter", "remote, scatter in place",
        "remote, scatter in place, twice", "remote, scatter, twice", "remote, selu, twice", "remote, set mask", "remote, set mask, twice", "remote, set pairs",
        "remote, set pairs, twice", "remote, set rows", "remote, set rows, twice", "remote, sigmoid, twice", "remote, silu, twice",
        "remote, smoothL1Loss far, twice", "remote, smoothL1Loss, twice", "remote, softplus beta, twice", "remote, softplus, twice", "remote, softsign, twice",
        "remote, std dim, twice", "remote, std dims, twice", "remote, std, twice", "remote, subtract alpha", "remote, subtract alpha, twice",
        "remote, tan, twice", "remote, tanh, twice", "remote, tril", "remote, tril, twice", "remote, triu", "remote, triu, twice", "remote, var dim, twice",
        "remote, var dims, twice", "remote, var, twice", "remote, where", "remote, where member", "remote, where member, twice", "remote, where, twice",
        "remote, x % 1.5", "remote, x % 1.5, twice", "remote, x * 2.5", "remote, x * 2.5, twice", "remote, x + 2.5", "remote, x + 2.5, twice", "remote, x / 2",
        "remote, x / 2, twice", "remote, x floorDivide 1.5", "remote, x floorDivide 1.5, twice", "remote, x pow -0.5, twice", "remote, x pow 2.5",
        "remote, x pow 2.5, twice", "remote, x pow 3, twice", "remote, x pow 4", "remote, x pow 4, twice",
    ];

    /// <summary>The host looks at a result to see whether float32 has overflowed.</summary>
    private static readonly string[] Looks =
    [
        "remote, cosineSimilarity", "remote, mean", "remote, mean dim", "remote, mean dims", "remote, norm", "remote, norm 0", "remote, norm 1", "remote, norm 3", "remote, normalize", "remote, normalize by the sum", "remote, std",
        "remote, std dim", "remote, std dims", "remote, var", "remote, var dim", "remote, var dims",
    ];

    private static readonly HashSet<string> All = [.. PlainNumbers, .. Looks];

    public static void Run(string what, Action test)
    {
        if (!All.Contains(what)) test();
        else if (Record.Exception(test) is null) Assert.Fail($"'{what}' works now; take it off {nameof(KnownRed)}.");
    }
}
