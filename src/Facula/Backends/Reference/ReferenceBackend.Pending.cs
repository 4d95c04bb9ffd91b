namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
}
