using Llama2.Adapters;
using Llama2.Formats;

namespace Llama2.Training.Model;

/// <summary>What a run that trains an adapter begins with: the layout of the adapter, its numbers if it continues another one, and the adapters below it.</summary>
internal sealed class AdapterInputs : IDisposable
{
    private readonly AdapterFile? _initial;

    private AdapterInputs(LoraLayout layout, AdapterFile? initial, FrozenAdapters frozen, int headLength)
    {
        _initial = initial;
        Layout = layout;
        Frozen = frozen;
        Initial = initial is null ? null : new AdapterParameters(initial, headLength);
        Digest = string.Join(' ', initial is null ? "" : FrozenAdapters.DigestOf(initial), frozen.Digest).Trim();
    }

    /// <summary>The layout of the trained adapter.</summary>
    public LoraLayout Layout { get; }

    /// <summary>The numbers with which the trained adapter begins; null if it is new.</summary>
    public AdapterParameters? Initial { get; }

    /// <summary>The adapters below the trained one.</summary>
    public FrozenAdapters Frozen { get; }

    /// <summary>How the adapter with which training begins was trained.</summary>
    public IReadOnlyList<AdapterTrainingRecord> InitialRecords => _initial?.TrainingRecords ?? [];

    /// <summary>A digest of all adapters that were read; empty if there are none.</summary>
    public string Digest { get; }

    /// <exception cref="ModelFormatException">A file is malformed, or does not fit the model.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static AdapterInputs Open(LoraOptions options, ModelConfiguration model)
    {
        AdapterFile? initial = options.InitialAdapterPath is { } path ? AdapterFile.Open(path) : null;
        FrozenAdapters? frozen = null;
        try
        {
            LoraLayout layout = initial is null ? LoraLayout.Of(options, model) : LoraLayout.Of(initial, model, options.UseWeightDecomposition);
            frozen = FrozenAdapters.Open(options.FrozenAdapters, model);
            return new AdapterInputs(layout, initial, frozen, model.HeadLength);
        }
        catch
        {
            initial?.Dispose();
            frozen?.Dispose();
            throw;
        }
    }

    /// <summary>Checks that copies of the model's tensors, which PEFT may store together with an adapter, are those of the model.</summary>
    /// <exception cref="ModelFormatException">A copy was changed, or is of another model.</exception>
    public void RequireCopiesOf(IModelFile file, ModelConfiguration model, CancellationToken cancellationToken)
    {
        foreach (AdapterFile adapter in Frozen.Adapters.Select(adapter => adapter.File).Concat(_initial is null ? [] : [_initial]))
        {
            foreach (BaseCopy copy in adapter.Copies)
            {
                copy.RequireUnchanged(BaseTensor.Find(file, copy.BaseName), model.HeadLength, cancellationToken);
            }
        }
    }

    public void Dispose()
    {
        _initial?.Dispose();
        Frozen.Dispose();
    }
}
