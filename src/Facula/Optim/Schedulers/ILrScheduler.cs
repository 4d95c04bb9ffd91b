namespace Facula.Optim;

/// <summary>A schedule of learning rates whose place can be saved and found again, by a <see cref="IO.Checkpoint"/> for one.</summary>
public interface ILrScheduler
{
    /// <summary>Where the schedule is, under PyTorch's names: numbers and arrays of numbers.</summary>
    IReadOnlyDictionary<string, object?> StateDict();

    /// <summary>Goes on from where another schedule of the same kind and settings was.</summary>
    /// <exception cref="ArgumentException">An entry is missing or does not fit; nothing has been changed.</exception>
    void LoadStateDict(IReadOnlyDictionary<string, object?> state);
}
