using Llama2.Formats.Gguf;
using Llama2.Tests.Adapters;
using Llama2.Tests.Conversion;
using Llama2.Tests.Kernels;

namespace Llama2.Tests;

public sealed class LlamaModelPanelFileTests : IDisposable
{
    private static readonly ModelShape s_shape = new(256, 2, 4, 2, 512, 64);
    private static readonly int[] s_tokens = [1, 5, 700, 31_999, 42];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<ModelQuantization> Formats => [.. Enum.GetValues<ModelQuantization>()];

    private string ModelPath => _folder.File("model.gguf");

    private string PanelPath => ModelPath + ".panels";

    [Theory]
    [MemberData(nameof(Formats))]
    public void Load_WithAPanelFile_GivesTheSameLogits(ModelQuantization quantization)
    {
        Write(quantization);
        (float[] expected, PanelFileStatus? none) = Compute(PanelFileUse.None);
        (float[] created, PanelFileStatus? first) = Compute(PanelFileUse.Create);
        (float[] mapped, PanelFileStatus? second) = Compute(PanelFileUse.Read, verify: true);

        none.Should().BeNull();
        first.Should().Be(new PanelFileStatus(PanelPath, IsMapped: true, IsCreated: true, Problem: null));
        second.Should().Be(new PanelFileStatus(PanelPath, IsMapped: true, IsCreated: false, Problem: null));
        created.Should().Equal(expected);
        mapped.Should().Equal(expected);
    }

    [Fact]
    public void Load_FileOfAnotherTier_IsUsedByEveryTier()
    {
        Write(ModelQuantization.Q4_K_M);
        foreach (KernelTier writer in Tiers.Supported)
        {
            File.Delete(PanelPath);
            Compute(PanelFileUse.Create, tier: writer).Status!.IsCreated.Should().BeTrue();
            foreach (KernelTier reader in Tiers.Supported)
            {
                (float[] logits, PanelFileStatus? status) = Compute(PanelFileUse.Read, tier: reader);

                status!.IsMapped.Should().BeTrue($"{writer} wrote the file and {reader} reads it");
                logits.Should().Equal(Compute(PanelFileUse.None, tier: reader).Logits);
            }
        }
    }

    [Theory]
    [InlineData("gguf/model.gguf")]
    [InlineData("gguf-split/model-00001-of-00003.gguf")]
    [InlineData("huggingface")]
    [InlineData("huggingface-sharded")]
    [InlineData("llama2c/legacy.bin")]
    public void Load_AnyForm_GivesTheSameLogits(string form)
    {
        string path = PublishedForms.PathOf(form);
        var options = new LlamaModelOptions { PanelFile = PanelFileUse.Create, PanelFolder = _folder.Path };
        string panelPath = _folder.File(Path.GetFileName(path) + ".panels");
        float[] expected = PublishedForms.Compute(path);

        PublishedForms.Compute(path, options).Should().Equal(expected);

        using LlamaModel model = LlamaModel.Load(path, options);
        model.PanelFile.Should().Be(new PanelFileStatus(panelPath, IsMapped: true, IsCreated: false, Problem: null));
        Logits(model, PublishedForms.Tokens).Should().Equal(expected);
    }

    [Fact]
    public void Load_Folder_HasItsPanelFileBesideIt()
    {
        string folder = PublishedForms.Copy("huggingface", _folder), expected = folder + ".panels";
        try
        {
            using LlamaModel model = LlamaModel.Load(folder + Path.DirectorySeparatorChar, new LlamaModelOptions { PanelFile = PanelFileUse.Create });

            model.PanelFile!.Path.Should().Be(expected);
            File.Exists(expected).Should().BeTrue();
        }
        finally
        {
            File.Delete(expected);
        }
    }

    [Fact]
    public async Task ComputeLogitsAsync_WithAnAdapter_IsThatOfTheModelInMemory()
    {
        File.Copy(DemonstrationModel.Path, ModelPath);
        using var file = GgufFile.Open(ModelPath);
        string adapterPath = new RandomAdapter(file, ["blk.0.attn_q.weight", "blk.1.ffn_down.weight", "token_embd.weight"], 4, seed: 3).Write(_folder);
        float[]? expected = null;
        foreach (PanelFileUse use in (PanelFileUse[])[PanelFileUse.None, PanelFileUse.Create, PanelFileUse.Read])
        {
            using LlamaModel model = LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = use });
            using LlamaAdapter adapter = model.LoadAdapter(adapterPath);

            float[] logits = await model.ComputeLogitsAsync(s_tokens.Select(token => token % 500).ToArray(), new() { Adapters = [new LlamaAdapterUse(adapter, 1)] });

            logits.Should().Equal(expected ??= logits);
            (model.PanelFile?.IsMapped ?? false).Should().Be(use != PanelFileUse.None);
        }
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "empty", "cannot be opened" },
        { "header only", "bytes instead of" },
        { "truncated", "bytes instead of" },
        { "longer", "bytes instead of" },
        { "text", "not a panel file" },
        { "short text", "not a panel file" },
        { "version", "version 2" },
        { "key", "another model file, or the model file has changed" },
        { "length", "another model file, or the model file has changed" },
        { "first panel", "does not belong to the model's weights" },
        { "last panel", "does not belong to the model's weights" },
        { "table", "'token_embd.weight' does not belong" },
        { "zeros", "does not belong to the model's weights" },
        { "folder", "cannot be opened" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Load_DamagedFile_IsNotUsedAndIsReplacedOnRequest(string damage, string problem)
    {
        Write(ModelQuantization.Q4_0);
        float[] expected = Compute(PanelFileUse.Create).Logits;
        Damage(damage);
        byte[]? damaged = File.Exists(PanelPath) ? File.ReadAllBytes(PanelPath) : null;

        (float[] read, PanelFileStatus? status) = Compute(PanelFileUse.Read);

        read.Should().Equal(expected);
        status.Should().BeEquivalentTo(new { IsMapped = false, IsCreated = false });
        status!.Problem.Should().Contain($"'{PanelPath}' is not used: ").And.Contain(problem);
        if (damaged is null)
        {
            Compute(PanelFileUse.Create).Status!.Problem.Should().Contain("could not be written").And.Contain("is a folder");
            return;
        }

        File.ReadAllBytes(PanelPath).Should().Equal(damaged);
        Compute(PanelFileUse.Create).Status.Should().Be(new PanelFileStatus(PanelPath, IsMapped: true, IsCreated: true, Problem: null));
        (float[] again, status) = Compute(PanelFileUse.Read);
        again.Should().Equal(expected);
        status.Should().Be(new PanelFileStatus(PanelPath, IsMapped: true, IsCreated: false, Problem: null));
    }

    [Fact]
    public void Load_DamageBetweenTheCheckedPanels_IsFoundByVerifying()
    {
        Write(ModelQuantization.Q4_0);
        float[] expected = Compute(PanelFileUse.Create).Logits;
        Change(bytes => bytes[bytes.Length / 2] ^= 1);

        Compute(PanelFileUse.Read).Status!.IsMapped.Should().BeTrue("only the first and the last panel of a matrix are compared");
        (float[] logits, PanelFileStatus? status) = Compute(PanelFileUse.Read, verify: true);

        status!.Problem.Should().Contain("are damaged");
        logits.Should().Equal(expected);
        Compute(PanelFileUse.Create, verify: true).Status.Should().Be(new PanelFileStatus(PanelPath, IsMapped: true, IsCreated: true, Problem: null));
    }

    [Fact]
    public void Load_DamagedDigest_IsFoundByVerifying()
    {
        Write(ModelQuantization.Q4_0);
        Compute(PanelFileUse.Create);
        Change(bytes => bytes[^1] ^= 1);

        Compute(PanelFileUse.Read, verify: true).Status!.Problem.Should().Contain("are damaged");
    }

    [Fact]
    public void Load_ModelWrittenSince_IsNotUsed()
    {
        Write(ModelQuantization.Q4_0);
        Compute(PanelFileUse.Create);
        File.SetLastWriteTimeUtc(ModelPath, File.GetLastWriteTimeUtc(ModelPath).AddSeconds(1));

        Compute(PanelFileUse.Read).Status!.Problem.Should().Contain("the model file has changed since");
    }

    [Fact]
    public void Load_TimeOfTheModelRoundedToSeconds_IsUsed()
    {
        Write(ModelQuantization.Q4_0);
        DateTime time = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(ModelPath, time);
        Compute(PanelFileUse.Create);
        File.SetLastWriteTimeUtc(ModelPath, time.AddMilliseconds(-678));

        Compute(PanelFileUse.Read).Status!.IsMapped.Should().BeTrue();
    }

    [Fact]
    public void Load_OtherModelOfTheSameShape_IsNotUsed()
    {
        Write(ModelQuantization.Q4_0);
        Compute(PanelFileUse.Create);
        DateTime time = File.GetLastWriteTimeUtc(ModelPath);
        byte[] model = File.ReadAllBytes(ModelPath);
        // The last bytes of the file are sampled, because they are the end of a tensor.
        model[^1] ^= 1;
        File.WriteAllBytes(ModelPath, model);
        File.SetLastWriteTimeUtc(ModelPath, time);

        Compute(PanelFileUse.Read).Status!.Problem.Should().Contain("another model file");
    }

    [Fact]
    public void Load_FileMissing_IsNoProblem()
    {
        Write(ModelQuantization.Q4_0);

        Compute(PanelFileUse.Read).Status.Should().Be(new PanelFileStatus(PanelPath, IsMapped: false, IsCreated: false, Problem: null));
        _folder.Names.Should().Equal("model.gguf");
    }

    [Fact]
    public void Load_NewFile_HasNoProblem()
    {
        Write(ModelQuantization.Q4_0);
        string path = ModelPath;

        using LlamaModel model = LlamaModel.Load(path, new LlamaModelOptions { PanelFile = PanelFileUse.Create });
        string report = model.PanelFile!.Problem ?? "The weights are mapped.";

        report.Should().Be("The weights are mapped.");
    }

    [Fact]
    public void Load_FolderCannotBeWritten_LoadsAndSaysSo()
    {
        Write(ModelQuantization.Q4_0);
        string folder = _folder.File("missing"), missing = Path.Combine(folder, "model.gguf.panels");
        using LlamaModel model = LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = PanelFileUse.Create, PanelFolder = folder });

        model.PanelFile.Should().BeEquivalentTo(new { Path = missing, IsMapped = false, IsCreated = false });
        model.PanelFile!.Problem.Should().StartWith("The panel file could not be written: ").And.Contain(missing);
        Logits(model, s_tokens).Should().Equal(Compute(PanelFileUse.None).Logits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(15)]
    public void Load_CancelledWhileWriting_LeavesNothing(int reportCount)
    {
        Write(ModelQuantization.Q4_0);
        using var source = new CancellationTokenSource();
        var progress = new CancelAfter(source, reportCount);

        FluentActions.Invoking(() => LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = PanelFileUse.Create }, progress, source.Token))
            .Should().Throw<OperationCanceledException>();

        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(ModelPath);
    }

    [Fact]
    public void Load_WeightIsNotFinite_LeavesNothing()
    {
        Write(ModelQuantization.F32);
        byte[] model = File.ReadAllBytes(ModelPath);
        BitConverter.TryWriteBytes(model.AsSpan(model.Length - 4), float.NaN);
        File.WriteAllBytes(ModelPath, model);

        FluentActions.Invoking(() => Compute(PanelFileUse.Create)).Should().Throw<ModelFormatException>().WithMessage("*infinite or NaN*");

        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(ModelPath);
    }

    [Fact]
    public void Load_SeveralAtOnce_AllGiveTheSameLogitsAndLeaveOneFile()
    {
        Write(ModelQuantization.Q4_0);
        float[] expected = Compute(PanelFileUse.None).Logits;

        float[][] logits = [.. Enumerable.Range(0, 6).AsParallel().WithDegreeOfParallelism(6).Select(_ => Compute(PanelFileUse.Create).Logits)];

        logits.Should().AllSatisfy(some => some.Should().Equal(expected));
        _folder.Names.Should().BeEquivalentTo("model.gguf", "model.gguf.panels");
        Compute(PanelFileUse.Read, verify: true).Status.Should().Be(new PanelFileStatus(PanelPath, IsMapped: true, IsCreated: false, Problem: null));
    }

    [UnixFact]
    public void Load_FileReplacedWhileItIsMapped_KeepsTheMappedOne()
    {
        Write(ModelQuantization.Q4_0);
        using LlamaModel model = LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = PanelFileUse.Create });
        float[] expected = Logits(model, s_tokens);
        string other = _folder.File("other");
        File.WriteAllBytes(other, [1, 2, 3]);
        File.Move(other, PanelPath, overwrite: true);

        Logits(model, s_tokens).Should().Equal(expected);
    }

    [Fact]
    public void Statistics_MappedWeights_AreNotMemoryOfTheProcessAlone()
    {
        Write(ModelQuantization.Q4_0);
        using LlamaModel loaded = LlamaModel.Load(ModelPath);
        using LlamaModel mapped = LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = PanelFileUse.Create });

        loaded.Statistics.MappedWeightByteSize.Should().Be(0);
        mapped.Statistics.WeightByteSize.Should().Be(loaded.Statistics.WeightByteSize);
        // Everything is mapped except the norms; parts are aligned to 64 bytes.
        long norms = 5 * 256 * sizeof(float);
        mapped.Statistics.MappedWeightByteSize.Should().BeInRange(mapped.Statistics.WeightByteSize - norms, mapped.Statistics.WeightByteSize - norms + 64 * 64);
    }

    [Theory]
    [InlineData(PanelFileUse.Read)]
    [InlineData(PanelFileUse.Create)]
    public void Load_Progress_RisesToTheTotal(PanelFileUse use)
    {
        Write(ModelQuantization.Q4_0);
        if (use == PanelFileUse.Read)
        {
            Compute(PanelFileUse.Create);
        }

        List<ByteProgress> reports = [];
        LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = use }, new Recorder(reports)).Dispose();

        reports.Select(report => report.CompletedBytes).Should().BeInAscendingOrder();
        reports[^1].Fraction.Should().BeGreaterThan(0.99).And.BeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Options_ValuesOutOfRange_AreRefused()
    {
        FluentActions.Invoking(() => new LlamaModelOptions { PanelFile = (PanelFileUse)3 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LlamaModelOptions { PanelFolder = "" }).Should().Throw<ArgumentException>();
    }

    private void Write(ModelQuantization quantization) => RandomModel.Write(ModelPath, s_shape, quantization);

    private (float[] Logits, PanelFileStatus? Status) Compute(PanelFileUse use, bool verify = false, KernelTier? tier = null)
    {
        using LlamaModel model = LlamaModel.Load(ModelPath, new LlamaModelOptions { PanelFile = use, VerifyPanelFile = verify, KernelTier = tier, ThreadCount = 2 });
        return (Logits(model, s_tokens), model.PanelFile);
    }

    private static float[] Logits(LlamaModel model, int[] tokens) => model.ComputeLogitsAsync(tokens).GetAwaiter().GetResult();

    private void Change(Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(PanelPath);
        change(bytes);
        File.WriteAllBytes(PanelPath, bytes);
    }

    private void Damage(string damage)
    {
        byte[] bytes = File.ReadAllBytes(PanelPath);
        // The table has two chunks of 4 MiB. Each of the 14 matrices of the layers has two parts of one chunk. The codes of the output matrix, in Q6_K, have
        // two chunks, and its scales have one. A digest of a chunk has 32 bytes.
        int tableByteSize = RandomModel.VocabularySize * (256 / 32 * 18), digestByteSize = (2 + 14 * 2 + 3) * 32;
        switch (damage)
        {
            case "empty": bytes = []; break;
            case "header only": bytes = bytes[..64]; break;
            case "truncated": bytes = bytes[..^1]; break;
            case "longer": bytes = [.. bytes, 0]; break;
            case "text": bytes = [.. Enumerable.Repeat((byte)'a', bytes.Length)]; break;
            case "short text": bytes = "L2PANELS"u8.ToArray(); break;
            case "version": bytes[8] = 2; break;
            case "key": bytes[30] ^= 1; break;
            case "length": bytes[16] ^= 1; break;
            case "first panel": bytes[64 + tableByteSize] ^= 1; break;
            case "last panel": bytes[bytes.Length - digestByteSize - 1] ^= 1; break;
            case "table": bytes[64] ^= 1; break;
            case "zeros": bytes.AsSpan(64).Clear(); break;
            case "folder":
                File.Delete(PanelPath);
                Directory.CreateDirectory(PanelPath);
                return;
            default: throw new ArgumentOutOfRangeException(nameof(damage));
        }

        File.WriteAllBytes(PanelPath, bytes);
    }

    private sealed class CancelAfter(CancellationTokenSource source, int reportCount) : IProgress<ByteProgress>
    {
        private int _count;

        public void Report(ByteProgress value)
        {
            if (++_count == reportCount)
            {
                source.Cancel();
            }
        }
    }

    private sealed class Recorder(List<ByteProgress> reports) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => reports.Add(value);
    }
}
