using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Facula.Backends;
using Facula.Backends.Cpu;
using Facula.Backends.Reference;

namespace Facula;

/// <summary>What makes devices alike. torch.device.type.</summary>
public enum DeviceKind
{
    /// <summary>The processor.</summary>
    Cpu,
    /// <summary>The processor, by the naive loops that define every operation.</summary>
    Reference,
    /// <summary>NVIDIA's GPUs; see <see cref="Facula.Cuda"/>.</summary>
    Cuda,
    /// <summary>None of the others, such as a test's. privateuseone in PyTorch.</summary>
    Custom,
}

/// <summary>
/// Where a tensor's elements are and its operations run: a kind and a number, e.g. <c>cuda:1</c>. Two that have the same name are the same device, unless they
/// are custom ones, each of which is its own.
/// torch.device.
/// </summary>
/// <remarks>
/// A device can be named that is not there, so that programs can ask for it (<see cref="IsAvailable"/>); whoever makes a tensor on it gets an error that says
/// what there is.
/// </remarks>
public sealed class Device : IEquatable<Device>, IParsable<Device>
{
    private static readonly AsyncLocal<Device?> s_scoped = new();
    private static volatile bool s_isScoped;

    private static Device[]? s_available;

    // Made when it is first asked for: to name a GPU starts no driver.
    private Backend? _backend;

    /// <summary>The device of a kind and number, whether it is there or not. torch.device("cuda", 1).</summary>
    /// <param name="kind">Any but <see cref="DeviceKind.Custom"/>.</param>
    /// <param name="index">Which one of the kind, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind, or the number is negative.</exception>
    public Device(DeviceKind kind, int index = 0)
    {
        if (kind is not (DeviceKind.Cpu or DeviceKind.Reference or DeviceKind.Cuda))
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Device: there is no such kind.");
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        (Kind, Index) = (kind, index);
        string name = NameOf(kind);
        Name = index == 0 && kind is DeviceKind.Cpu or DeviceKind.Reference ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{index}");
        if (kind != DeviceKind.Cuda) _backend = Array.Find(s_host, known => known.Name == Name)?._backend;
    }

    /// <summary>A device that is there.</summary>
    internal Device(string name, Backend backend, DeviceKind kind = DeviceKind.Custom) => (Name, _backend, Kind) = (name, backend, kind);

    /// <summary>The processor: SIMD kernels on <see cref="CpuSettings.ThreadCount"/> threads.</summary>
    public static Device Cpu { get; } = new("cpu", CpuBackend.Instance, DeviceKind.Cpu);

    /// <summary>The processor, by naive scalar loops in double precision: the definition of every operation, for tests. Slow.</summary>
    public static Device Reference { get; } = new("reference", new ReferenceBackend(), DeviceKind.Reference);

    // After the devices, which are made in the order of the text.
    private static readonly Device[] s_host = [Cpu, Reference];

    /// <summary>
    /// The devices there are: the processor's two, and the GPUs, for which the driver is started when this is first read. torch.cuda.device_count is how many
    /// of them are of that kind.
    /// </summary>
    public static IReadOnlyList<Device> Available =>
        (s_available ??= [.. s_host, .. Enumerable.Range(0, Cuda.DeviceCount).Select(index => new Device(DeviceKind.Cuda, index))]).AsReadOnly();

    /// <summary>
    /// The fastest device there is: the first GPU, or the processor where there is none (<see cref="Cuda.UnavailableReason"/> says why).
    /// torch.accelerator.current_accelerator.
    /// </summary>
    public static Device Best => Cuda.IsAvailable ? new(DeviceKind.Cuda) : Cpu;

    /// <summary>
    /// Where tensors, and modules with their parameters, are made that are given no device: that of the innermost <see cref="UseDefault"/>, else the processor.
    /// torch.get_default_device.
    /// </summary>
    public static Device Default => s_isScoped ? s_scoped.Value ?? Cpu : Cpu;

    /// <summary>
    /// Makes a device the <see cref="Default"/> until the result is disposed of, here, in what is awaited and on threads that are started meanwhile:
    /// <c>using (Device.UseDefault(device)) model = new Mlp();</c>. PyTorch's <c>with torch.device(..)</c>, torch.set_default_device.
    /// </summary>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public static DefaultDeviceScope UseDefault(Device device)
    {
        _ = Check.NotNull(device).Backend;
        Device? outer = s_scoped.Value;
        s_isScoped = true;
        s_scoped.Value = device;
        return new(outer);
    }

    internal static void RestoreDefault(Device? outer) => s_scoped.Value = outer;

    /// <summary>What kind of device.</summary>
    public DeviceKind Kind { get; }

    /// <summary>Which one of its kind, from 0. torch.device.index.</summary>
    public int Index { get; }

    /// <summary>The name, e.g. cpu or cuda:1.</summary>
    public string Name { get; }

    /// <summary>Whether the device is there. torch.cuda.is_available.</summary>
    public bool IsAvailable => _backend is not null || (Kind == DeviceKind.Cuda && Index < Cuda.DeviceCount);

    /// <summary>
    /// Waits until everything that has been started on the device is done; the processor has always done it. What was wrong with an index or a label, which a
    /// device that works by itself can only say later, is said here, or where an element is next read. torch.cuda.synchronize.
    /// </summary>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index or a label given to an operation was out of range.</exception>
    public void Synchronize() => Backend.Synchronize();

    /// <summary>How much memory its tensors take. torch.cuda.memory_stats.</summary>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public DeviceMemory Memory => new(Backend);

    internal Backend Backend => _backend ?? Open();

    private Backend Open()
    {
        if (!IsAvailable) ThrowMissing();
        return _backend = Cuda.Open(Index);
    }

    [DoesNotReturn]
    private void ThrowMissing()
    {
        string missing = Kind == DeviceKind.Cuda && Cuda.UnavailableReason is { } reason ? reason.TrimEnd('.') : $"there is no device {this}";
        throw new NotSupportedException($"Device {this}: {missing}; the devices are {string.Join(" and ", Available.Select(known => known.Name))}, and " +
            $"{nameof(Best)} is the fastest of them.");
    }

    private static string NameOf(DeviceKind kind) => kind switch { DeviceKind.Cpu => "cpu", DeviceKind.Reference => "reference", _ => "cuda" };

    /// <summary>
    /// The device of a name, there or not: a kind (cpu, reference or cuda) and, if wanted, a number, as in <c>cuda:1</c>; <c>cuda</c> is <c>cuda:0</c>.
    /// torch.device.
    /// </summary>
    /// <exception cref="FormatException">It is no such name.</exception>
    public static Device Parse(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, out Device? device) ? device
            : throw new FormatException($"'{s}' is no device; give cpu, reference or cuda, and a number behind a colon where there are several, as in cuda:1.");
    }

    /// <summary>The device of a name, or false if it is none; see <see cref="Parse"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, [MaybeNullWhen(false)] out Device result)
    {
        ReadOnlySpan<char> text = s;
        int colon = text.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? text : text[..colon], number = colon < 0 ? "0" : text[(colon + 1)..];
        foreach (DeviceKind kind in (ReadOnlySpan<DeviceKind>)[DeviceKind.Cpu, DeviceKind.Reference, DeviceKind.Cuda])
        {
            if (!name.Equals(NameOf(kind), StringComparison.OrdinalIgnoreCase)) continue;
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index)) break;
            result = new(kind, index);
            return true;
        }
        result = null;
        return false;
    }

    static Device IParsable<Device>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<Device>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Device result) =>
        TryParse(s, out result);

    /// <inheritdoc/>
    public bool Equals(Device? other) => this == other;
    /// <inheritdoc/>
    public override bool Equals(object? obj) => this == (obj as Device);
    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether both are the same device.</summary>
    public static bool operator ==(Device? a, Device? b) => ReferenceEquals(a, b) || (a is not null && b is not null && a.Name == b.Name
        && a.Kind == b.Kind && (a.Kind != DeviceKind.Custom || ReferenceEquals(a._backend, b._backend)));
    /// <summary>Whether they are two devices.</summary>
    public static bool operator !=(Device? a, Device? b) => !(a == b);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>Restores the previous default device when disposed; made by <see cref="Device.UseDefault"/>.</summary>
public readonly struct DefaultDeviceScope : IDisposable
{
    private readonly Device? _outer;

    internal DefaultDeviceScope(Device? outer) => _outer = outer;

    /// <summary>Restores it.</summary>
    public void Dispose() => Device.RestoreDefault(_outer);
}
