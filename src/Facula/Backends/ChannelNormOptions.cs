namespace Facula.Backends;

/// <summary>What normalises channels. The bias is the epilogue's.</summary>
internal readonly record struct ChannelNormOptions(Operand Mean, Operand Variance, Operand? Weight, double Eps, Epilogue Epilogue)
{
    public Operand? Bias => Epilogue.Bias;
}
