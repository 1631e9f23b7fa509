using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.SafeTensors;
using Llama2.Tests.Formats.PyTorch;

namespace Llama2.Tests.Conversion;

/// <summary>
/// The model of <see cref="PublishedForms"/> with its weights in PyTorch's files, some written by tests/Reference/pytorch_files.py and some here.
/// </summary>
public sealed class PyTorchFolderTests : IDisposable
{
    private const string Single = "pytorch_model.bin", Index = "pytorch_model.bin.index.json";
    private readonly TemporaryFolder _folder = new();

    public PyTorchFolderTests()
    {
        foreach (string name in new[] { "config.json", "generation_config.json", "tokenizer.model", "tokenizer_config.json" })
            File.Copy(PublishedForms.PathOf($"huggingface/{name}"), _folder.File(name));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_FilesOfAnIndex_GivesTheLogitsOfTheSafetensors()
    {
        CopySharded();

        PublishedForms.Compute(_folder.Path).Should().Equal(Expected());
        PublishedForms.Compute(_folder.File("pytorch_model-00002-of-00002.bin")).Should().Equal(Expected(), "any file opens the model that the index says it belongs to");
        using IModelFile file = ModelFiles.Open(_folder.Path);
        file.FormatName.Should().Be("PyTorch in 2 files");
        file.Tensors.Should().HaveCount(21);
    }

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    [InlineData("base_model.model.")]
    [InlineData("module._orig_mod.")]
    public void Load_SingleFileWithAWrappersPrefix_GivesTheLogitsOfTheSafetensors(string prefix)
    {
        WriteSingle(prefix);

        PublishedForms.Compute(_folder.Path).Should().Equal(Expected());
        PublishedForms.Compute(_folder.File(Single), new LlamaModelOptions { UseMemoryMapping = true }).Should().Equal(Expected());
    }

    [Fact]
    public void Load_FileOfAnotherStart_IsRefusedInTheWordsOfItsForm()
    {
        WriteSingle("");
        File.WriteAllBytes(_folder.File(Single), [.. "junk"u8, .. File.ReadAllBytes(_folder.File(Single))]);

        FluentActions.Invoking(() => ModelFiles.Open(_folder.Path)).Should().Throw<ModelFormatException>()
            .WithMessage($"*{Single}*start of the file is the bytes 6A756E6B504B0304*torch.save*ZIP archive*").Which.Message.Should().NotContain("safetensors");
    }

    [Fact]
    public void Convert_PyTorchFiles_GivesTheFilesOfTheSafetensors()
    {
        CopySharded();
        string ours = _folder.File("ours.gguf"), theirs = _folder.File("theirs.gguf");
        ModelConverter.Convert(_folder.Path, ours);
        ModelConverter.Convert(PublishedForms.PathOf("huggingface"), theirs);

        using IModelFile left = ModelFiles.Open(ours), right = ModelFiles.Open(theirs);
        left.Tensors.Select(tensor => tensor.Name).Should().BeEquivalentTo(right.Tensors.Select(tensor => tensor.Name));
        foreach (TensorDescription tensor in left.Tensors)
        {
            right.TryGetTensor(tensor.Name, out TensorDescription? other).Should().BeTrue();
            Bytes(left, tensor).Should().Equal(Bytes(right, other!), tensor.Name);
        }
    }

    [Fact]
    public void Load_SharedOutput_ReadsTheEmbeddingsOnce()
    {
        // As in files of torch.save, the output matrix has a name of its own but shares the storage of the embeddings.
        Replace("config.json", "\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
        WriteSingle("", isOutputShared: true);

        using IModelFile file = ModelFiles.Open(_folder.Path);
        file.Tensors.Should().NotContain(tensor => tensor.Name == "output.weight").And.Contain(tensor => tensor.Name == "token_embd.weight");
    }

    [Fact]
    public void OpenFolder_SafetensorsToo_TakesThese()
    {
        File.WriteAllText(_folder.File(Single), "this is no checkpoint");
        File.Copy(PublishedForms.PathOf("huggingface/model.safetensors"), _folder.File("model.safetensors"));
        using IModelFile file = ModelFiles.Open(_folder.Path);
        file.FormatName.Should().Be("safetensors");
    }

    [Fact]
    public void OpenFolder_MissingShard_IsNamed()
    {
        CopySharded();
        File.Delete(_folder.File("pytorch_model-00002-of-00002.bin"));
        Refuse("*pytorch_model-00002-of-00002.bin*absent*the folder's index names it*");
    }

    [Fact]
    public void OpenFolder_TensorInTwoShards_IsRefused()
    {
        CopySharded();
        File.Copy(_folder.File("pytorch_model-00001-of-00002.bin"), _folder.File("pytorch_model-00002-of-00002.bin"), overwrite: true);
        Refuse("*pytorch_model-00002-of-00002.bin*tensor name is 'lm_head.weight'*pytorch_model-00001-of-00002.bin' has a tensor of this name too*");
    }

    [Fact]
    public void OpenFolder_IndexThatNamesAnotherFile_IsRefused()
    {
        CopySharded();
        Replace(Index, "\"model.norm.weight\": \"pytorch_model-00002-of-00002.bin\"", "\"model.norm.weight\": \"pytorch_model-00001-of-00002.bin\"");
        Refuse("*weight_map.model.norm.weight is 'pytorch_model-00001-of-00002.bin'; that file does not have the tensor*");
    }

    [Theory]
    [InlineData("../pytorch_model-00001-of-00002.bin")]
    [InlineData("/etc/passwd")]
    public void OpenFolder_IndexThatLeavesTheFolder_IsRefused(string name)
    {
        CopySharded();
        Replace(Index, "\"lm_head.weight\": \"pytorch_model-00001-of-00002.bin\"", $"\"lm_head.weight\": \"{name}\"");
        Refuse("*must be the bare name of a file in the same folder*");
    }

    [Fact]
    public void OpenFolder_UnknownTensor_IsRefusedByName()
    {
        WriteSingle("", ("model.layers.0.self_attn.q_proj.bias", new float[32]));
        FluentActions.Invoking(() => PublishedForms.Compute(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*model.layers.0.self_attn.q_proj.bias*");
    }

    [Fact]
    public void Open_ArchiveThatIsNoCheckpoint_IsRefused()
    {
        File.WriteAllBytes(_folder.File("model.zip"), new TorchArchive().AddEntry("x/data.pkl", []).Build([.. "N."u8]));
        FluentActions.Invoking(() => ModelFiles.Open(_folder.File("model.zip"))).Should().Throw<ModelFormatException>().WithMessage("*one data.pkl*");
    }

    private static float[] Expected() => PublishedForms.Compute(PublishedForms.PathOf("huggingface"));

    private void CopySharded()
    {
        foreach (string path in Directory.GetFiles(RepositoryFiles.Committed("tests", "data", "pytorch", "sharded")))
            File.Copy(path, _folder.File(Path.GetFileName(path)));
    }

    private void WriteSingle(string prefix, params (string Name, float[] Numbers)[] others) => WriteSingle(prefix, isOutputShared: false, others);

    private void WriteSingle(string prefix, bool isOutputShared, params (string Name, float[] Numbers)[] others)
    {
        var archive = new TorchArchive();
        using SafeTensorsFile source = SafeTensorsFile.Open(new FileByteSource(PublishedForms.PathOf("huggingface/model.safetensors")));
        foreach (SafeTensorsEntry entry in source.Entries)
        {
            byte[] data = new byte[entry.ByteSize];
            source.Source.Read(entry.Offset, data);
            if (!isOutputShared || entry.Name != "lm_head.weight")
                archive.Add(prefix + entry.Name, GgmlType.F32, [.. entry.Shape], data);
            if (isOutputShared && entry.Name == "model.embed_tokens.weight")
                archive.AddTensor(prefix + "lm_head.weight", GgmlType.F32, archive.LastKey, data.Length / sizeof(float), 0, [.. entry.Shape], [entry.Shape[1], 1]);
        }

        foreach ((string name, float[] numbers) in others)
            archive.Add(prefix + name, GgmlType.F32, [numbers.Length], Formats.MetaCheckpoint.MetaCheckpointData.Bytes(numbers));
        File.WriteAllBytes(_folder.File(Single), archive.Build());
    }

    private void Replace(string name, string before, string after)
    {
        string text = File.ReadAllText(_folder.File(name));
        text.Should().Contain(before);
        File.WriteAllText(_folder.File(name), text.Replace(before, after, StringComparison.Ordinal));
    }

    private void Refuse(string message) =>
        FluentActions.Invoking(() => ModelFiles.Open(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage(message);

    private static byte[] Bytes(IModelFile file, TensorDescription tensor)
    {
        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        return bytes;
    }
}
