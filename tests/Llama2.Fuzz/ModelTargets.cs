using System.Text.Json;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.PyTorch;
using Llama2.Formats.SafeTensors;
using Llama2.Tests;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Fuzz;

/// <summary>Readers of models and of the files that belong to them.</summary>
internal static class ModelTargets
{
    public static FuzzTarget Gguf() => new(
        [TinyModel.Build(), File.ReadAllBytes(Form("gguf/model.gguf")), File.ReadAllBytes(Form("gguf-split/model-00001-of-00003.gguf"))],
        input =>
        {
            using var file = GgufFile.Open(new MemoryByteSource(input));
            FuzzTargets.Use(file);
        });

    /// <summary>A whole model, which is loaded and computes.</summary>
    public static FuzzTarget Model() => new([TinyModel.Build()], input =>
    {
        using var file = GgufFile.Open(new MemoryByteSource(input));
        using var model = LlamaModel.Load(file, new LlamaModelOptions { ThreadCount = 1 }, null, CancellationToken.None);
        model.ComputeLogitsAsync(model.Tokenizer.Encode("ab c", addBeginOfSequence: true)).GetAwaiter().GetResult();
    });

    /// <summary>A folder of tests/data/forms: the first byte of an input chooses a file, and the other bytes are written to it.</summary>
    /// <param name="name">The folder.</param>
    /// <param name="opened">The file in the folder that is opened, or "" to open the folder itself.</param>
    public static FuzzTarget Folder(string name, string opened) => FolderInput.Create(Form(name), path =>
    {
        using IModelFile file = ModelFiles.Open(Path.Combine(path, opened));
        FuzzTargets.Use(file);
    });

    public static FuzzTarget Meta() => FolderInput.Create(RepositoryFiles.Committed("tests", "data", "meta-checkpoint", "shards-2"), path =>
    {
        using IModelFile file = MetaCheckpointFolder.Open(path);
        FuzzTargets.Use(file);
    });

    public static FuzzTarget Pickle()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "meta-checkpoint", "hostile-pickles.json")));
        List<byte[]> seeds = [.. document.RootElement.EnumerateArray().Select(pickle => pickle.GetProperty("pickle").GetBytesFromBase64())];
        using (var source = new FileByteSource(RepositoryFiles.Committed("tests", "data", "meta-checkpoint", "shards-8", "consolidated.00.pth")))
        {
            ZipEntry entry = StoredZip.Read(source).First(pair => pair.Key.EndsWith("data.pkl", StringComparison.Ordinal)).Value;
            byte[] pickle = new byte[entry.Length];
            source.Read(entry.Offset, pickle);
            seeds.Add(pickle);
        }

        return new FuzzTarget(seeds, input => PickleReader.Read(input, "fuzz.pkl", 0)) { Words = ["ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n", "ctorch\nHalfStorage\n"] };
    }

    /// <summary>Files that torch.save writes, in both containers.</summary>
    public static FuzzTarget PyTorch() => new(
        [.. Directory.GetFiles(RepositoryFiles.Committed("tests", "data", "pytorch", "small")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)],
        input =>
        {
            using var file = TorchFile.Open(new MemoryByteSource(input));
            foreach (TorchMatrix tensor in file.Tensors.Values)
                tensor.ReadRows(file.Source, 0, new byte[tensor.RowByteSize * tensor.RowCount]);
        })
    { Words = ["ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n", "ctorch\nHalfStorage\n", "X\u0009\0\0\0_metadata", "b", "tR", "tQ"] };

    /// <summary>A Hugging Face folder whose weights are in PyTorch's format, with inputs as in <see cref="Folder"/>.</summary>
    public static FuzzTarget PyTorchFolder()
    {
        using var folder = new TemporaryFolder();
        foreach (string path in Directory.GetFiles(Form("huggingface")).Where(path => !path.EndsWith(".safetensors", StringComparison.Ordinal)).Concat(Directory.GetFiles(RepositoryFiles.Committed("tests", "data", "pytorch", "sharded"))))
            File.Copy(path, folder.File(Path.GetFileName(path)));
        return FolderInput.Create(folder.Path, path =>
        {
            using IModelFile file = ModelFiles.Open(path);
            FuzzTargets.Use(file);
        });
    }

    public static FuzzTarget SafeTensors() => new(
        [File.ReadAllBytes(Form("huggingface/model.safetensors")), .. Directory.GetFiles(Form("huggingface-sharded"), "*.safetensors").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)],
        input =>
        {
            using var file = SafeTensorsFile.Open(new MemoryByteSource(input));
            foreach (SafeTensorsEntry entry in file.Entries)
                file.Source.Read(entry.Offset, new byte[entry.ByteSize]);
        })
    { Words = FuzzTargets.JsonWords };

    public static FuzzTarget Llama2C()
    {
        var folder = new TemporaryFolder();
        File.Copy(Form("llama2c/tokenizer.bin"), folder.File("tokenizer.bin"));
        return new FuzzTarget([.. new[] { "legacy", "version1", "version2-group16", "version2-group32" }.Select(name => File.ReadAllBytes(Form($"llama2c/{name}.bin")))], input =>
        {
            File.WriteAllBytes(folder.File("model.bin"), input);
            using IModelFile file = Llama2CModelFile.Open(folder.File("model.bin"), memoryMapped: false);
            FuzzTargets.Use(file);
        });
    }

    public static FuzzTarget Adapter()
    {
        const string Query = "blk.0.attn_q.weight";
        var folder = new TemporaryFolder();
        var model = LlamaModel.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), new LlamaModelOptions { ThreadCount = 1 });
        int width = model.Configuration.EmbeddingLength;
        byte[] seed = new GgufBuilder()
            .Add("general.type", "adapter").Add("general.architecture", "llama").Add("general.name", "fuzz").Add("adapter.type", "lora").Add("adapter.lora.alpha", 4f)
            .AddTensor(Query + ".lora_a", GgmlType.F32, [(ulong)width, 2], new byte[width * 2 * sizeof(float)])
            .AddTensor(Query + ".lora_b", GgmlType.F32, [2, (ulong)width], new byte[width * 2 * sizeof(float)])
            .Build();
        return new FuzzTarget([seed], input =>
        {
            File.WriteAllBytes(folder.File("adapter.gguf"), input);
            model.LoadAdapter(folder.File("adapter.gguf")).Dispose();
        });
    }

    /// <summary>A PEFT folder, with inputs as in <see cref="Folder"/>.</summary>
    public static FuzzTarget PeftAdapter()
    {
        var model = LlamaModel.Load(Form("huggingface"), new LlamaModelOptions { ThreadCount = 1 });
        return FolderInput.Create(RepositoryFiles.Committed("tests", "data", "adapters", "patterns"), path => model.LoadAdapter(path).Dispose());
    }

    public static FuzzTarget Imatrix()
    {
        var folder = new TemporaryFolder();
        string path = folder.File("imatrix");
        GgufImatrix.Write(path, new ImatrixFile([new("blk.0.attn_q.weight", [1, 2, 3], 4), new("blk.0.attn_k.weight", [0, 0, 1], 4)], ["a.txt", "b.txt"], 7, 512));
        byte[] legacy =
        [
            .. Number(1), .. Number(19), .. "blk.0.attn_q.weight"u8, .. Number(4), .. Number(3), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3f),
            .. Number(7), .. Number(5), .. "a.txt"u8,
        ];
        return new FuzzTarget([File.ReadAllBytes(path), legacy], input =>
        {
            File.WriteAllBytes(path, input);
            ImportanceMatrix.Load(path);
        });

        static byte[] Number(int value) => BitConverter.GetBytes(value);
    }

    private static string Form(string name) => RepositoryFiles.Committed(["tests", "data", "forms", .. name.Split('/')]);
}
