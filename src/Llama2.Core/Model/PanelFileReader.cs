using System.Security.Cryptography;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Model;

/// <summary>
/// Maps the panel file of a model, and checks it first. The file is not trusted: its length and its header must be exactly those that the model file
/// requires, and the first and the last panel of every matrix must be what repacking the model's rows gives. Everything else can be checked too, which
/// takes longer than loading without a panel file.
/// </summary>
internal static class PanelFileReader
{
    /// <summary>Maps a file. Returns null and the reason if the file is missing, is not the right one, or cannot be read.</summary>
    /// <param name="path">The panel file.</param>
    /// <param name="layout">The layout that the file must have.</param>
    /// <param name="plan">The order of the weights.</param>
    /// <param name="reader">Reads the model file.</param>
    /// <param name="verify">Whether to check every byte.</param>
    /// <param name="problem">The reason why the file is not used, as the rest of a sentence about it; null if it is used or does not exist.</param>
    /// <exception cref="ModelFormatException">The model file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static WeightStorage? TryMap(string path, PanelFileLayout layout, WeightPlan plan, WeightReader reader, bool verify, out string? problem)
    {
        problem = null;
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            return null;
        }

        MappedFile? file = TryOpen(path, ref problem);
        if (file is null)
        {
            return null;
        }

        try
        {
            problem = layout.FindFault(file) ?? FindWrongPanel(file, layout, plan, reader) ?? (verify ? FindWrongChunk(file, layout, reader) : null);
            if (problem is null)
            {
                var storage = WeightStorage.Map(file, PanelFileLayout.HeaderByteSize, layout.PartsByteSize);
                file = null;
                return storage;
            }

            return null;
        }
        finally
        {
            file?.Dispose();
        }
    }

    private static MappedFile? TryOpen(string path, ref string? problem)
    {
        try
        {
            RegularFile.Require(path);
            return MappedFile.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ModelFormatException)
        {
            problem = $"it cannot be opened: {exception.Message}";
            return null;
        }
    }

    private static string? FindWrongPanel(MappedFile file, PanelFileLayout layout, WeightPlan plan, WeightReader reader)
    {
        int[] firstParts = new int[plan.Matrices.Count];
        int part = 1;
        for (int i = 0; i < firstParts.Length; i++)
        {
            firstParts[i] = part;
            part += plan.Create(plan.Matrices[i], WeightBytes.WithoutMemory).Parts.Count;
        }

        string?[] wrong = new string?[plan.Matrices.Count + 1];
        reader.Run(new ComparePanels(file, layout, plan, reader, firstParts, wrong), wrong.Length);
        return Array.Find(wrong, name => name is not null) is { } found ? $"its '{found}' does not belong to the model's weights" : null;
    }

    private static string? FindWrongChunk(MappedFile file, PanelFileLayout layout, WeightReader reader)
    {
        bool[] isWrong = new bool[layout.Chunks.Count];
        reader.Run(new CompareDigests(file, layout, isWrong), isWrong.Length);
        int index = Array.IndexOf(isWrong, true);
        return index < 0 ? null : FormattableString.Invariant($"its bytes from {layout.Chunks[index].Offset:N0} on are damaged");
    }

    private readonly record struct ComparePanels(MappedFile File, PanelFileLayout Layout, WeightPlan Plan, WeightReader Reader, int[] FirstParts, string?[] Wrong) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
            {
                if (i == Plan.Matrices.Count)
                {
                    Wrong[i] = IsTableRight(worker) ? null : Plan.Embedding.Name;
                    continue;
                }

                PlannedMatrix matrix = Plan.Matrices[i];
                int last = (matrix.RowCount - 1) / WeightMatrix.PanelRowCount;
                Wrong[i] = IsPanelRight(i, 0, last + 1, worker) && (last == 0 || IsPanelRight(i, last, last + 1, worker)) ? null : matrix.Name;
            }
        }

        private bool IsPanelRight(int index, int panel, int panelCount, int worker)
        {
            PlannedMatrix matrix = Plan.Matrices[index];
            int row = panel * WeightMatrix.PanelRowCount, rowCount = Math.Min(WeightMatrix.PanelRowCount, matrix.RowCount - row);
            using WeightMatrix sample = Plan.CreatePanel(matrix, rowCount);
            if (!sample.TryFill(0, Reader.ReadRows(matrix.Tensor, row, rowCount, worker)))
            {
                return false;
            }

            for (int i = 0; i < sample.Parts.Count; i++)
            {
                (long offset, long byteSize) = Layout.Parts[FirstParts[index] + i];
                int panelByteSize = (int)(byteSize / panelCount);
                if (!File.Slice(offset + (long)panel * panelByteSize, panelByteSize).SequenceEqual(sample.Parts[i].Slice(0, panelByteSize)))
                {
                    return false;
                }
            }

            return true;
        }

        private bool IsTableRight(int worker)
        {
            int rowCount = (int)Plan.Embedding.RowCount, count = Math.Min(WeightMatrix.PanelRowCount, rowCount), rowByteSize = (int)Plan.Embedding.RowByteSize;
            long offset = Layout.Parts[0].Offset;
            return File.Slice(offset, count * rowByteSize).SequenceEqual(Reader.ReadRows(Plan.Embedding, 0, count, worker))
                && File.Slice(offset + (long)(rowCount - count) * rowByteSize, count * rowByteSize).SequenceEqual(Reader.ReadRows(Plan.Embedding, rowCount - count, count, worker));
        }
    }

    private readonly record struct CompareDigests(MappedFile File, PanelFileLayout Layout, bool[] IsWrong) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            Span<byte> digest = stackalloc byte[PanelFileLayout.DigestByteSize];
            for (int i = start; i < end; i++)
            {
                (long offset, int byteSize) = Layout.Chunks[i];
                SHA256.HashData(File.Slice(offset, byteSize), digest);
                IsWrong[i] = !digest.SequenceEqual(File.Slice(Layout.DigestOffset + (long)i * PanelFileLayout.DigestByteSize, PanelFileLayout.DigestByteSize));
            }
        }
    }
}
