using Llama2.Architectures;
using Llama2.Formats.PyTorch;
using static System.FormattableString;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>Combines the tensors of a checkpoint's shards. The parts must add up exactly to the shapes that the parameters require.</summary>
/// <param name="folder">The checkpoint's folder, for error messages.</param>
/// <param name="shards">The shards in their order, at least one.</param>
internal sealed class ShardMerger(string folder, TorchFile[] shards)
{
    /// <summary>Merges all tensors.</summary>
    /// <exception cref="ModelFormatException">A tensor or a shard is missing or unknown, or contradicts the parameters or another shard.</exception>
    public IReadOnlyList<MergedTensor> Merge(MetaParameters parameters)
    {
        CheckShardCount(parameters);
        long vocabularySize = parameters.VocabularySize > 0 ? parameters.VocabularySize : SumRows(LlamaTensors.Output.NameIn(NameSpace.Meta)!);
        MetaTensor[] tensors = [.. MetaTensor.All(parameters, vocabularySize)];
        RefuseUnknown([.. tensors.Select(tensor => tensor.Name)]);
        return Array.ConvertAll(tensors, Merge);
    }

    // The number of shards is checked first, because if one is missing, the sum of the parts is wrong for every tensor.
    private void CheckShardCount(MetaParameters parameters)
    {
        string name = LlamaTensors.Query.NameIn(NameSpace.Meta)!;
        TorchMatrix part = Parts(name)[0];
        long count = parameters.EmbeddingLength / part.RowCount;
        if (part.RowLength == parameters.EmbeddingLength && count * part.RowCount == parameters.EmbeddingLength && count != shards.Length)
        {
            throw new ModelFormatException(
                folder, null, "number of shards", Invariant($"{shards.Length:N0}"), Invariant($"'{name}' is split into {count:N0}")
                    + (count > shards.Length ? $": '{MetaCheckpointFile.ShardName(shards.Length)}' is missing" : ": the folder mixes two models"));
        }
    }

    private void RefuseUnknown(HashSet<string> known)
    {
        foreach (TorchFile shard in shards)
        {
            foreach ((string name, TorchMatrix matrix) in shard.Tensors)
            {
                if (LlamaTensors.IsRotaryFrequencies(NameSpace.Meta, name) && shards[0].Tensors.TryGetValue(name, out TorchMatrix? first)
                    && (matrix.DimensionCount, matrix.RowLength) == (1, first.RowLength))
                {
                    continue;
                }

                if (!known.Contains(name))
                    throw new ModelFormatException(shard.Source.Path, matrix.Offset, "a tensor's name", $"'{name}'", "a Llama model of these parameters has no such tensor, or another shard has it with another shape");
            }
        }
    }

    private long SumRows(string name) => Parts(name).Sum(part => part.RowCount);

    private MergedTensor Merge(MetaTensor tensor)
    {
        TorchMatrix[] parts = Parts(tensor.Name);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].DimensionCount != tensor.DimensionCount)
                throw Fault(i, tensor, Invariant($"of {parts[i].DimensionCount} dimensions"), Invariant($"it must have {tensor.DimensionCount}"));
            if (parts[i].Type != parts[0].Type)
                throw Fault(i, tensor, $"of {parts[i].Type}", $"'{FileName(0)}' has it in {parts[0].Type}: the shards are of different models");
        }

        TensorSplit split = tensor.Split == TensorSplit.ColumnsOrRows ? ChooseSplit(tensor, parts) : tensor.Split;
        CheckShapes(tensor, split, parts);
        long[] dimensions = tensor.DimensionCount == 1 ? [tensor.RowLength] : [tensor.RowLength, tensor.RowCount];

        // The parts are in several files, so no single offset can state where a fault is.
        var description = new TensorDescription(tensor.GgufName, parts[0].Type, dimensions, parts[0].Offset, entryOffset: null);
        var placed = parts.Select((part, i) => (shards[i].Source, part)).Take(split == TensorSplit.None ? 1 : parts.Length);
        return new MergedTensor(description, [.. placed], split == TensorSplit.Columns);
    }

    private TorchMatrix[] Parts(string name) => Array.ConvertAll(shards, shard => shard.Tensors.TryGetValue(name, out TorchMatrix? part)
        ? part
        : throw new ModelFormatException(shard.Source.Path, null, $"tensor '{name}'", "absent", "every shard of a Llama model must have it: the file is incomplete"));

    // If the parts have whole rows, the tensor is split by rows, otherwise by columns. With a single shard, both ways of splitting have the same
    // result.
    private static TensorSplit ChooseSplit(MetaTensor tensor, TorchMatrix[] parts) =>
        parts.Length > 1 && parts.All(part => part.RowLength == tensor.RowLength) ? TensorSplit.Rows : TensorSplit.Columns;

    private void CheckShapes(MetaTensor tensor, TensorSplit split, TorchMatrix[] parts)
    {
        long rowCount = Math.Max(tensor.RowCount, 1), whole = split == TensorSplit.Rows ? rowCount : tensor.RowLength;
        for (int i = 0; i < parts.Length; i++)
        {
            bool fits = split switch
            {
                TensorSplit.Rows => parts[i].RowLength == tensor.RowLength,
                TensorSplit.Columns => parts[i].RowCount == rowCount,
                _ => (parts[i].RowCount, parts[i].RowLength) == (rowCount, tensor.RowLength),
            };
            if (!fits)
                throw Fault(i, tensor, Invariant($"{parts[i].RowCount:N0} × {parts[i].RowLength:N0}"), Invariant($"according to params.json the whole tensor must have {rowCount:N0} rows of {tensor.RowLength:N0} numbers, which the shards split by {split}"));
        }

        if (split == TensorSplit.None)
            return;

        long sum = parts.Sum(part => split == TensorSplit.Rows ? part.RowCount : part.RowLength);
        if (sum != whole)
            throw new ModelFormatException(folder, null, $"'{tensor.Name}' of all shards together", Invariant($"{sum:N0} {split}"), Invariant($"according to params.json it must be {whole:N0}: the files mix two models"));
    }

    private string FileName(int shard) => Path.GetFileName(shards[shard].Source.Path);

    private ModelFormatException Fault(int shard, MetaTensor tensor, string value, string limit) =>
        new(shards[shard].Source.Path, shards[shard].Tensors[tensor.Name].Offset, $"'{tensor.Name}'", value, limit);
}
