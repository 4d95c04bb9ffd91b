namespace Facula.Optim;

/// <summary>A schedule of learning rates whose place can be saved and found again, by a checkpoint for one.</summary>
public interface ILrScheduler
{
    /// <summary>Where the schedule is, under PyTorch's names: numbers, texts and arrays of numbers.</summary>
    IReadOnlyDictionary<string, object?> StateDict();

    /// <summary>
    /// Checks the state of another schedule of the same kind and settings and returns what goes on from there, which then cannot fail: so that a checkpoint is
    /// taken over as a whole or not at all.
    /// </summary>
    /// <exception cref="ArgumentException">An entry is missing or does not fit.</exception>
    Action PrepareLoad(IReadOnlyDictionary<string, object?> state);

    /// <summary>Goes on from where another schedule of the same kind and settings was.</summary>
    /// <exception cref="ArgumentException">An entry is missing or does not fit; nothing has been changed.</exception>
    void LoadStateDict(IReadOnlyDictionary<string, object?> state) => PrepareLoad(state)();
}
