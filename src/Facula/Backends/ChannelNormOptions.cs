namespace Facula.Backends;

/// <summary>What normalises channels.</summary>
internal readonly record struct ChannelNormOptions(Operand Mean, Operand Variance, Operand? Weight, Operand? Bias, double Eps, bool Rectify);
