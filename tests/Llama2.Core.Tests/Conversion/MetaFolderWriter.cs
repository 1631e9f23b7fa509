using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.MetaCheckpoint;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.MetaCheckpoint;
using Llama2.Tests.Formats.PyTorch;

namespace Llama2.Tests.Conversion;

/// <summary>
/// Writes the model of <see cref="PublishedForms"/> as Meta would have published it, in one or two shards, because the model has two key-value heads.
/// </summary>
internal static class MetaFolderWriter
{
    // int(0.75 · int(2 · 4 · 32 / 3)) = 63, rounded up to 64.
    private const string Parameters = """
        {"dim": 32, "multiple_of": 64, "ffn_dim_multiplier": 0.75, "n_heads": 4, "n_kv_heads": 2, "n_layers": 2, "norm_eps": 1e-05, "vocab_size": 290, "max_seq_len": 64}
        """;

    public static void Write(IModelFile model, string folder, int shardCount)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "params.json"), Parameters);
        File.Copy(PublishedForms.PathOf("huggingface/tokenizer.model"), Path.Combine(folder, "tokenizer.model"));
        using var source = new MemoryByteSource(File.ReadAllBytes(Path.Combine(folder, "params.json")));
        MetaTensor[] tensors = [.. MetaTensor.All(MetaParameters.Read(source), vocabularySize: 290)];
        for (int shard = 0; shard < shardCount; shard++)
        {
            var archive = new TorchArchive();
            foreach (MetaTensor tensor in tensors)
            {
                model.TryGetTensor(tensor.GgufName, out TensorDescription? description).Should().BeTrue(tensor.GgufName);
                (long[] shape, byte[] part) = Part(tensor, MetaCheckpointData.Weights(model, description!), shard, shardCount);
                archive.Add(tensor.Name, GgmlType.F32, shape, part);
            }

            File.WriteAllBytes(Path.Combine(folder, $"consolidated.{shard:D2}.pth"), archive.Build());
        }
    }

    private static (long[] Shape, byte[] Part) Part(MetaTensor tensor, float[] whole, int shard, int shardCount)
    {
        int rowLength = (int)tensor.RowLength, rowCount = (int)tensor.RowCount;
        switch (tensor.Split)
        {
            case TensorSplit.None:
                return ([rowLength], MetaCheckpointData.Bytes(whole));
            case TensorSplit.Rows:
                int rows = rowCount / shardCount;
                return ([rows, rowLength], MetaCheckpointData.Bytes(whole[(shard * rows * rowLength)..((shard + 1) * rows * rowLength)]));
            default:
                int columns = rowLength / shardCount;
                return ([rowCount, columns], MetaCheckpointData.Bytes([.. Enumerable.Range(0, rowCount).SelectMany(row => whole.Skip((row * rowLength) + (shard * columns)).Take(columns))]));
        }
    }
}
