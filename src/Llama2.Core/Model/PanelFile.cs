using System.Buffers.Binary;
using System.Security.Cryptography;
using Llama2.Formats;
using Llama2.Memory;

namespace Llama2.Model;

/// <summary>Uses the panel file of a model as the options say: maps it, writes it if it is missing or wrong, and reports how it was used.</summary>
/// <param name="path">The panel file.</param>
/// <param name="use">Whether it may be written.</param>
/// <param name="verify">Whether to check every byte of an existing file.</param>
internal sealed class PanelFile(string path, PanelFileUse use, bool verify)
{
    /// <summary>How the file was used; complete after <see cref="TryMap"/>.</summary>
    public PanelFileStatus Status { get; private set; } = new(path, IsMapped: false, IsCreated: false, Problem: null);

    /// <summary>Returns the mapped weights; null if they must be loaded from the model file.</summary>
    /// <param name="file">The model file.</param>
    /// <param name="tensorDigest">32 bytes that depend on the names, types and shapes of the tensors and on samples of their bytes.</param>
    /// <param name="plan">The order of the weights.</param>
    /// <param name="reader">Reads the model file.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="ModelFormatException">The model file is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no incomplete file is left behind.</exception>
    public WeightStorage? TryMap(IModelFile file, ReadOnlySpan<byte> tensorDigest, WeightPlan plan, WeightReader reader, CancellationToken cancellationToken)
    {
        var layout = new PanelFileLayout(plan.PartByteSizes(), Key(file, tensorDigest));
        WeightStorage? storage = PanelFileReader.TryMap(path, layout, plan, reader, verify, out string? fault);
        if (fault is not null)
        {
            Status = Status with { Problem = $"The panel file '{path}' is not used: {fault}." };
        }

        if (storage is null && use == PanelFileUse.Create && TryWrite(layout, plan, reader, cancellationToken))
        {
            storage = PanelFileReader.TryMap(path, layout, plan, reader, verify: false, out fault);
            Status = Status with { IsCreated = true, Problem = fault is null ? null : $"The new panel file '{path}' is not used: {fault}." };
        }

        Status = Status with { IsMapped = storage is not null };
        return storage;
    }

    private bool TryWrite(PanelFileLayout layout, WeightPlan plan, WeightReader reader, CancellationToken cancellationToken)
    {
        try
        {
            PanelFileWriter.Write(path, layout, plan, reader, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Status = Status with { Problem = $"The panel file could not be written: {exception.Message}" };
            return false;
        }
    }

    // Image layers and archives may store times in whole seconds, so fractions of a second are ignored.
    private static byte[] Key(IModelFile file, ReadOnlySpan<byte> tensorDigest)
    {
        Span<byte> content = stackalloc byte[tensorDigest.Length + 2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(content, file.ByteSize);
        BinaryPrimitives.WriteInt64LittleEndian(content[sizeof(long)..], file.LastWriteTimeUtc is { } time ? time.Ticks / TimeSpan.TicksPerSecond : 0);
        tensorDigest.CopyTo(content[(2 * sizeof(long))..]);
        return SHA256.HashData(content);
    }
}
