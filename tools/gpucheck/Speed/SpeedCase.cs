namespace Facula.GpuCheck;

/// <summary>What is timed.</summary>
/// <param name="Name">The same in peer.py.</param>
/// <param name="Unit">TB/s or TFLOP/s of the work, or ms.</param>
/// <param name="Work">Bytes moved or floating-point operations of a call; 0 where the unit is ms.</param>
/// <param name="Setup">Makes the data, and gives what is timed.</param>
internal sealed record SpeedCase(string Name, string Unit, double Work, Func<Device, Action> Setup)
{
    /// <summary>What PyTorch takes on an H200, in the unit; see <see cref="SpeedCases.Source"/>.</summary>
    public double? PyTorch { get; init; }

    /// <summary>How many times as fast as PyTorch this is to be.</summary>
    public double? Target { get; init; }

    /// <summary>Whether products of float32 round their operands to TF32.</summary>
    public bool AllowsTf32 { get; init; }

    /// <summary>Milliseconds as a figure in the unit, or the other way round: both are ratios.</summary>
    public double Convert(double figure) => Unit == "ms" ? figure : Work / figure / 1e9;
}

/// <summary>What was measured.</summary>
/// <param name="Case">What was timed.</param>
/// <param name="Milliseconds">The median of a call.</param>
/// <param name="PeakBytes">The most memory in use at once.</param>
internal sealed record SpeedResult(SpeedCase Case, double Milliseconds, long PeakBytes)
{
    /// <summary>What PyTorch takes on this machine, in milliseconds, and its peak; null where it is not there.</summary>
    public (double Milliseconds, long PeakBytes)? Peer { get; set; }

    /// <summary>PyTorch's milliseconds: measured here, or else those known from an H200.</summary>
    public double? PyTorchMilliseconds => Peer?.Milliseconds ?? (Case.PyTorch is { } figure ? Case.Convert(figure) : null);

    /// <summary>PyTorch's time over ours.</summary>
    public double? Ratio => PyTorchMilliseconds / Milliseconds;
}
