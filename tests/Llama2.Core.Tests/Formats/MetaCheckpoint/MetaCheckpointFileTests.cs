using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.MetaCheckpoint;

/// <summary>Folders whose files tests/Reference/meta_checkpoint.py wrote with PyTorch.</summary>
public class MetaCheckpointFileTests
{
    [Theory]
    [InlineData(1, "1 shard", GgmlType.BF16)]
    [InlineData(2, "2 shards", GgmlType.F16)]
    [InlineData(8, "8 shards", GgmlType.BF16)]
    public void Open_Folder_SpeaksGguf(int shardCount, string name, GgmlType type)
    {
        using IModelFile file = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(shardCount));

        file.FormatName.Should().Be($"Meta checkpoint of {name}");
        file.ByteSize.Should().Be(Directory.GetFiles(file.Path, "*.pth").Sum(path => new FileInfo(path).Length));
        file.Metadata["general.architecture"].Should().Be("llama");
        file.Metadata["llama.feed_forward_length"].Should().BeOfType<uint>().Which.Should().Be(88, "int(0.5 · int(2 · 256 / 3)) = 85, rounded up to a multiple of 8");
        file.Metadata["llama.attention.head_count_kv"].Should().BeOfType<uint>().Which.Should().Be(8);
        file.Metadata["llama.context_length"].Should().BeOfType<uint>().Which.Should().Be(4096);
        file.Metadata["tokenizer.ggml.tokens"].Should().BeOfType<string[]>().Which.Should().HaveCount(16).And.Contain("\u2581abc");
        file.Tensors.Should().HaveCount(3 + 2 * 9).And.OnlyContain(tensor => tensor.Type == type);
        file.TryGetTensor("blk.1.attn_k.weight", out TensorDescription? key).Should().BeTrue();
        key!.Dimensions.Should().Equal(64, 32);
        file.TryGetTensor("rope.freqs", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public void Read_Shards_GiveTheNumbersOfTheUndividedModel(int shardCount, bool memoryMapped)
    {
        using IModelFile whole = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(1));
        using IModelFile shards = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(shardCount), memoryMapped);

        shards.Tensors.Select(tensor => tensor.Name).Should().Equal(whole.Tensors.Select(tensor => tensor.Name));
        foreach ((TensorDescription expected, TensorDescription actual) in whole.Tensors.Zip(shards.Tensors))
        {
            actual.Dimensions.Should().Equal(expected.Dimensions);
            MetaCheckpointData.Weights(shards, actual).Should().Equal(MetaCheckpointData.Weights(whole, expected), actual.Name);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Read_AnyPartOfATensor_IsThatPartOfTheWhole(int shardCount)
    {
        using IModelFile file = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(shardCount));
        var random = new Random(1);
        foreach (TensorDescription tensor in file.Tensors)
        {
            byte[] whole = new byte[tensor.ByteSize];
            file.Read(tensor, 0, whole);
            for (int i = 0; i < 100; i++)
            {
                int start = random.Next(whole.Length + 1), length = random.Next(whole.Length - start + 1) >> random.Next(8);
                byte[] part = new byte[length];
                file.Read(tensor, start, part);
                part.AsSpan().SequenceEqual(whole.AsSpan(start, length)).Should().BeTrue($"{length} bytes of {tensor} from {start} on");
            }
        }
    }

    // Float32 is compared with double precision: sums of 64 and 88 products have errors of about 1e-7, relative to logits below 10.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Logits_AreThoseOfTheFormulas(int shardCount)
    {
        using IModelFile file = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(shardCount));
        float[] logits = await MetaCheckpointData.Logits(file);

        double[] expected = MetaCheckpointData.Expected().Logits;
        logits.Should().HaveCount(expected.Length);
        logits.Zip(expected, (logit, exact) => Math.Abs(logit - exact)).Max().Should().BeLessThan(2e-5);
        expected.Max(Math.Abs).Should().BeGreaterThan(0.5, "otherwise the bound would prove nothing");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Logits_AreThoseOfTheSameWeightsInGguf(int shardCount)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.gguf");
        using (IModelFile single = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(1)))
            WriteGguf(single, path);

        using IModelFile file = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(shardCount));
        using var gguf = GgufFile.Open(path);
        float[] actual = await MetaCheckpointData.Logits(file), expected = await MetaCheckpointData.Logits(gguf);

        actual.Zip(expected, (left, right) => Math.Abs(left - right)).Max().Should().BeLessThan(1e-6f);
    }

    [Fact]
    public void Read_OutsideOfTheTensorOrOfAnotherFile_IsAnArgumentFault()
    {
        using IModelFile file = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(2)), other = MetaCheckpointFolder.Open(MetaCheckpointData.Folder(8));
        TensorDescription tensor = file.Tensors[0];

        FluentActions.Invoking(() => file.Read(tensor, tensor.ByteSize - 1, new byte[2])).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => file.Read(tensor, -1, new byte[2])).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => file.Read(other.Tensors[0], 0, new byte[2])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void IsFolder_KnowsMetasFoldersByTheirFiles()
    {
        using var folder = new TemporaryFolder();
        MetaCheckpointFolder.IsFolder(MetaCheckpointData.Folder(8)).Should().BeTrue();
        MetaCheckpointFolder.IsFolder(folder.Path).Should().BeFalse();
        MetaCheckpointFolder.IsFolder(folder.File("absent")).Should().BeFalse();
        File.WriteAllText(folder.File("params.json"), "{}");
        MetaCheckpointFolder.IsFolder(folder.Path).Should().BeFalse("another format may have a params.json");
        MetaCheckpointFolder.IsFolder(folder.File("params.json")).Should().BeFalse();
    }

    [Theory]
    [InlineData(8, "consolidated.00.pth", "'consolidated.00.pth' is missing")]
    [InlineData(8, "consolidated.03.pth", "'consolidated.03.pth' is missing")]
    [InlineData(8, "consolidated.07.pth", "number of shards is 7; 'layers.0.attention.wq.weight' is split into 8: 'consolidated.07.pth' is missing")]
    [InlineData(2, "consolidated.01.pth", "'layers.0.attention.wq.weight' is split into 2: 'consolidated.01.pth' is missing")]
    public void Open_ShardMissing_IsNamed(int shardCount, string missing, string message)
    {
        using var folder = new TemporaryFolder();
        string model = MetaCheckpointData.CopyOf(shardCount, folder);
        File.Delete(Path.Combine(model, missing));

        FluentActions.Invoking(() => MetaCheckpointFolder.Open(model)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void Open_TokenizerMissing_IsAModelWithoutAVocabulary()
    {
        using var folder = new TemporaryFolder();
        string model = MetaCheckpointData.CopyOf(1, folder);
        File.Delete(folder.File("tokenizer.model"));

        using IModelFile file = MetaCheckpointFolder.Open(model);
        file.Metadata.Keys.Should().NotContain(key => key.StartsWith("tokenizer.", StringComparison.Ordinal));
        FluentActions.Invoking(() => LlamaModel.Load(file, new LlamaModelOptions(), null, CancellationToken.None)).Should().Throw<ModelFormatException>();
    }

    [Fact]
    public void Open_TokenizerInTheFolder_IsTakenBeforeTheParents()
    {
        using var folder = new TemporaryFolder();
        string model = MetaCheckpointData.CopyOf(1, folder);
        File.Move(folder.File("tokenizer.model"), Path.Combine(model, "tokenizer.model"));
        File.WriteAllText(folder.File("tokenizer.model"), "no model");

        MetaCheckpointFolder.Open(model).Dispose();
    }

    [Fact]
    public void Open_ShardOfAnotherModel_IsRefusedAndNoFileStaysOpen()
    {
        using var folder = new TemporaryFolder();
        string model = MetaCheckpointData.CopyOf(2, folder), second = Path.Combine(model, "consolidated.01.pth");
        File.Copy(Path.Combine(MetaCheckpointData.Folder(8), "consolidated.00.pth"), second, overwrite: true);

        FluentActions.Invoking(() => MetaCheckpointFolder.Open(model)).Should().Throw<ModelFormatException>()
            .WithMessage("*consolidated.01.pth*'tok_embeddings.weight' is of BF16; 'consolidated.00.pth' has it in F16: the shards are of different models*");
        File.Open(second, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
    }

    [Theory]
    [InlineData("\"n_layers\": 2", "\"n_layers\": 3", "tensor 'layers.2.attention_norm.weight' is absent")]
    [InlineData("\"n_layers\": 2", "\"n_layers\": 1", "a tensor's name is 'layers.1.")]
    [InlineData("\"multiple_of\": 8", "\"multiple_of\": 16", "'layers.0.feed_forward.w1.weight' of all shards together is 88 Rows; according to params.json it must be 96")]
    [InlineData("\"n_kv_heads\": 8", "\"n_kv_heads\": 4", "'layers.0.attention.wk.weight' of all shards together is 32 Rows; according to params.json it must be 16")]
    [InlineData("\"dim\": 64", "\"dim\": 128", "'tok_embeddings.weight'")]
    [InlineData("\"vocab_size\": -1", "\"vocab_size\": 17", "'tok_embeddings.weight' is 16 × 32; according to params.json the whole tensor must have 17 rows of 64")]
    public void Open_ParametersThatContradictTheShapes_AreRefused(string before, string after, string message)
    {
        using var folder = new TemporaryFolder();
        string model = MetaCheckpointData.CopyOf(2, folder), parameters = Path.Combine(model, "params.json");
        File.WriteAllText(parameters, File.ReadAllText(parameters).Replace(before, after, StringComparison.Ordinal));

        FluentActions.Invoking(() => MetaCheckpointFolder.Open(model)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    private static void WriteGguf(IModelFile model, string path)
    {
        using var writer = new GgufWriter(path);
        foreach ((string key, object value) in model.Metadata)
            writer.Add(key, value);
        foreach (TensorDescription tensor in model.Tensors)
            writer.AddTensor(tensor.Name, GgmlType.F32, [.. tensor.Dimensions]);
        foreach (TensorDescription tensor in model.Tensors)
        {
            writer.Write(MetaCheckpointData.Bytes(MetaCheckpointData.Weights(model, tensor)));
            writer.EndTensor();
        }

        writer.Complete();
    }
}
