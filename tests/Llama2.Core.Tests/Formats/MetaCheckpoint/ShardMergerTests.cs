using System.Text;
using Llama2.Formats;
using Llama2.Formats.MetaCheckpoint;
using Llama2.Formats.PyTorch;
using Llama2.Tests.Formats.PyTorch;

namespace Llama2.Tests.Formats.MetaCheckpoint;

/// <summary>
/// Checkpoints of one layer, with an embedding length of 8 and 2 heads. They are created here, and their tensors are split in ways that do not
/// occur in the test files written by PyTorch.
/// </summary>
public class ShardMergerTests
{
    private const int Width = 8, Hidden = 16, VocabularySize = 6;

    private static readonly MetaParameters s_parameters = MetaParameters.Read(new MemoryByteSource(Encoding.UTF8.GetBytes(
        """{"dim": 8, "multiple_of": 16, "n_heads": 2, "n_layers": 1, "norm_eps": 1e-5, "vocab_size": -1}""")));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Merge_EmbeddingsByColumnsOrByRows_GivesTheWhole(bool isByRows)
    {
        float[] table = Numbers(VocabularySize * Width);
        TorchFile[] shards = [Shard(0, Part(table, isByRows, 0)), Shard(1, Part(table, isByRows, 1))];

        MergedTensor merged = new ShardMerger("folder", shards).Merge(s_parameters).Single(tensor => tensor.Description.Name == "token_embd.weight");

        merged.Description.Dimensions.Should().Equal(Width, VocabularySize);
        byte[] bytes = new byte[merged.Description.ByteSize];
        merged.Read(0, bytes);
        bytes.Should().Equal(MetaCheckpointData.Bytes(table));
    }

    [Fact]
    public void Merge_VocabularyByParameters_MustBeTheShapes()
    {
        MetaParameters parameters = MetaParameters.Read(new MemoryByteSource(Encoding.UTF8.GetBytes(
            """{"dim": 8, "multiple_of": 16, "n_heads": 2, "n_layers": 1, "norm_eps": 1e-5, "vocab_size": 7}""")));
        FluentActions.Invoking(() => new ShardMerger("folder", [Shard(0, null), Shard(1, null)]).Merge(parameters))
            .Should().Throw<ModelFormatException>().WithMessage("*'tok_embeddings.weight'*7 rows*");
    }

    [Fact]
    public void Merge_UnknownTensor_IsRefused() =>
        FluentActions.Invoking(() => new ShardMerger("folder", [Shard(0, null), Shard(1, null, ("layers.0.attention.wq.bias", [4]))]).Merge(s_parameters))
            .Should().Throw<ModelFormatException>().WithMessage("*a tensor's name is 'layers.0.attention.wq.bias'*");

    [Fact]
    public void Merge_RotaryFrequenciesOfOneShardOnly_AreRefused()
    {
        (string, long[]) frequencies = ("rope.freqs", [2]);
        new ShardMerger("folder", [Shard(0, null, frequencies), Shard(1, null, frequencies)]).Merge(s_parameters).Should().HaveCount(12);
        FluentActions.Invoking(() => new ShardMerger("folder", [Shard(0, null), Shard(1, null, frequencies)]).Merge(s_parameters))
            .Should().Throw<ModelFormatException>().WithMessage("*'rope.freqs'*");
    }

    [Theory]
    [InlineData("norm.weight", new long[] { 4 }, "'norm.weight' is 1 × 4; according to params.json the whole tensor must have 1 rows of 8")]
    [InlineData("norm.weight", new long[] { 1, 8 }, "'norm.weight' is of 2 dimensions; it must have 1")]
    [InlineData("layers.0.attention.wo.weight", new long[] { 4, 8 }, "'layers.0.attention.wo.weight' is 4 × 8; according to params.json the whole tensor must have 8 rows of 8 numbers, which the shards split by Columns")]
    [InlineData("layers.0.attention.wk.weight", new long[] { 8, 8 }, "'layers.0.attention.wk.weight' of all shards together is 12 Rows; according to params.json it must be 8")]
    [InlineData("layers.0.attention.wq.weight", new long[] { 8, 4 }, "'layers.0.attention.wq.weight' is 8 × 4")]
    public void Merge_PartOfAWrongShape_IsRefused(string name, long[] shape, string message) =>
        FluentActions.Invoking(() => new ShardMerger("folder", [Shard(0, null), Shard(1, null, (name, shape))]).Merge(s_parameters))
            .Should().Throw<ModelFormatException>().WithMessage($"*{message}*");

    // Rows of 1,200 bytes: the buffer of 256 KiB holds 218 of the 1,000 rows.
    [Fact]
    public void Read_ManyRowsInPieces_GivesEachWhole()
    {
        const int Rows = 1_000, Left = 300, Right = 200;
        float[] left = Numbers(Rows * Left), right = Numbers(Rows * Right);
        var tensor = new MergedTensor(
            new TensorDescription("a", GgmlType.F32, [Left + Right, Rows], 0, -1),
            [
                (new MemoryByteSource(MetaCheckpointData.Bytes(left)), new TorchMatrix(GgmlType.F32, 2, Rows, Left, 0, Left * sizeof(float), sizeof(float), -1)),
                (new MemoryByteSource(MetaCheckpointData.Bytes(right)), new TorchMatrix(GgmlType.F32, 2, Rows, Right, 0, Right * sizeof(float), sizeof(float), -1)),
            ],
            isSplitByColumns: true);
        byte[] expected = MetaCheckpointData.Bytes([.. Enumerable.Range(0, Rows).SelectMany(row => left[(row * Left)..((row + 1) * Left)].Concat(right[(row * Right)..((row + 1) * Right)]))]);

        foreach ((int start, int length) in ((int, int)[])[(0, expected.Length), (1_999, 1_000_002), (1_200, 800), (1_999_999, 1), (5, 0)])
        {
            byte[] actual = new byte[length];
            tensor.Read(start, actual);
            actual.AsSpan().SequenceEqual(expected.AsSpan(start, length)).Should().BeTrue($"{length} bytes from {start} on");
        }
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (float)i)];

    private static (long[] Shape, byte[] Data) Part(float[] table, bool isByRows, int rank)
    {
        IEnumerable<int> rows = isByRows ? Enumerable.Range(rank * VocabularySize / 2, VocabularySize / 2) : Enumerable.Range(0, VocabularySize);
        int length = isByRows ? Width : Width / 2, first = isByRows ? 0 : rank * Width / 2;
        return ([rows.Count(), length], MetaCheckpointData.Bytes([.. rows.SelectMany(row => table.Skip(row * Width + first).Take(length))]));
    }

    // One of two shards; the given tensors replace the usual ones.
    private static TorchFile Shard(int rank, (long[] Shape, byte[] Data)? embeddings, (string Name, long[] Shape)? other = null)
    {
        var shapes = new OrderedDictionary<string, long[]>
        {
            ["norm.weight"] = [Width],
            ["output.weight"] = [VocabularySize / 2, Width],
            ["layers.0.attention_norm.weight"] = [Width],
            ["layers.0.ffn_norm.weight"] = [Width],
            ["layers.0.attention.wq.weight"] = [Width / 2, Width],
            ["layers.0.attention.wk.weight"] = [Width / 2, Width],
            ["layers.0.attention.wv.weight"] = [Width / 2, Width],
            ["layers.0.attention.wo.weight"] = [Width, Width / 2],
            ["layers.0.feed_forward.w1.weight"] = [Hidden, Width],
            ["layers.0.feed_forward.w2.weight"] = [Width, Hidden],
            ["layers.0.feed_forward.w3.weight"] = [Hidden, Width],
        };
        if (other is (string name, long[] shape))
            shapes[name] = shape;
        (long[] tableShape, byte[] table) = embeddings ?? Part(Numbers(VocabularySize * Width), isByRows: false, rank);
        TorchArchive archive = new TorchArchive().Add("tok_embeddings.weight", GgmlType.F32, tableShape, table);
        foreach ((string key, long[] lengths) in shapes)
            archive.Add(key, GgmlType.F32, lengths, new byte[lengths.Aggregate(4L, (size, length) => size * length)]);
        return TorchFile.Open(new MemoryByteSource(archive.Build()));
    }
}
