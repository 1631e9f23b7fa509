using System.Globalization;
using Llama2.Tests.Conversion;
using Llama2.Tests.Formats.Gguf;
using Llama2.Tests.Tokenization;
using Llama2.Tokenization;

namespace Llama2.Tests.Generation;

/// <summary>Which tokens end a generation: all those that the files of a model declare as ends, and those whose names indicate an end.</summary>
public sealed class EndOfGenerationTests : IDisposable
{
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxTokens = 8 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("generation_config.json", """{ "eos_token_id": [2, 289] }""", new[] { 2, 289 })]
    [InlineData("generation_config.json", """{ "eos_token_id": 289 }""", new[] { 2, 289 })]
    [InlineData("generation_config.json", """{ "eos_token_id": [289, 2, 289, 288, 287, 286] }""", new[] { 2, 289, 288, 287, 286 })]
    [InlineData("generation_config.json", """{ "eos_token_id": [] }""", new[] { 2 })]
    [InlineData("generation_config.json", """{ "eos_token_id": null }""", new[] { 2 })]
    // Ids outside the vocabulary are never generated.
    [InlineData("generation_config.json", """{ "eos_token_id": [290, -1, 289, 2000000000] }""", new[] { 2, 289 })]
    public void Load_Folder_EndsAtEveryTokenThatItsFilesName(string file, string content, int[] expected)
    {
        using LlamaModel model = LoadFolder((file, content));

        model.Tokenizer.EndOfGenerationIds.Should().Equal(expected);
        expected.Should().OnlyContain(id => model.Tokenizer.IsEndOfGeneration(id));
        model.Tokenizer.EndOfSequenceId.Should().Be(2);
        ModelFileInformation.Read(model.Path).EndOfGenerationIds.Should().Equal(expected);
    }

    [Fact]
    public void Load_FolderWhoseConfigurationHasAList_EndsAtEachOfIt()
    {
        string configuration = File.ReadAllText(Path.Combine(PublishedForms.PathOf("huggingface"), "config.json"));
        configuration.Should().Contain("\"eos_token_id\": 2,");
        using LlamaModel model = LoadFolder(
            ("config.json", configuration.Replace("\"eos_token_id\": 2,", "\"eos_token_id\": [2, 288],", StringComparison.Ordinal)),
            ("generation_config.json", """{ "eos_token_id": 289 }"""));

        model.Tokenizer.EndOfGenerationIds.Should().Equal(2, 289, 288);
    }

    [Theory]
    [InlineData("\"2\"")]
    [InlineData("[2, \"</s>\"]")]
    [InlineData("2.5")]
    [InlineData("[[2]]")]
    [InlineData("{}")]
    [InlineData("99999999999")]
    public void Load_FolderWhoseEndIsNoId_IsAFaultThatNamesFileAndMember(string value)
    {
        Action loading = () => LoadFolder(("generation_config.json", $$"""{ "eos_token_id": {{value}} }"""));

        loading.Should().Throw<ModelFormatException>().WithMessage("*generation_config.json*eos_token_id*");
    }

    [Fact]
    public async Task Generate_SecondEndOfAFolder_EndsTheText()
    {
        using LlamaModel before = LoadFolder();
        List<GenerationUpdate> endless = await before.GenerateAsync("the", s_greedy).ToListAsync();
        int token = endless[0].Token!.Value;
        using LlamaModel model = LoadFolder(("generation_config.json", $$"""{ "eos_token_id": [2, {{token}}] }"""));

        GenerationResult result = await model.GenerateTextAsync("the", s_greedy);
        GenerationResult ignoring = await model.GenerateTextAsync("the", s_greedy with { IgnoreEndOfSequence = true });

        token.Should().NotBe(2);
        (result.Text, result.FinishReason, result.Usage.GeneratedTokenCount).Should().Be(("", FinishReason.EndOfSequence, 1));
        ignoring.Text.Should().Be(string.Concat(endless.Select(update => update.Text)));
    }

    [Theory]
    [InlineData("tokenizer.ggml.eot_token_id")]
    [InlineData("tokenizer.ggml.eom_token_id")]
    [InlineData("tokenizer.ggml.eos_token_id")]
    public async Task Generate_EndThatAGgufFileNames_EndsTheText(string key)
    {
        int token = await FirstTokenAsync(TinyModel.Build());
        GgufBuilder file = TinyModel.Describe();
        if (key != "tokenizer.ggml.eos_token_id")
            file.Add(key, (uint)token);
        using LlamaModel model = Load(key == "tokenizer.ggml.eos_token_id" ? Patched(token) : file.Build());

        GenerationResult result = await model.GenerateTextAsync("a", s_greedy);

        (result.Text, result.FinishReason, result.Usage.GeneratedTokenCount).Should().Be(("", FinishReason.EndOfSequence, 1));
        model.Tokenizer.EndOfGenerationIds.Should().Contain(token);
    }

    [Theory]
    [InlineData("tokenizer.ggml.eot_token_id", 32010u)]
    [InlineData("tokenizer.ggml.eom_token_id", 32010u)]
    // llama.cpp's value for "no token".
    [InlineData("tokenizer.ggml.eot_token_id", uint.MaxValue)]
    [InlineData("tokenizer.ggml.eom_token_id", uint.MaxValue)]
    public void Load_GgufFileWhoseEndIsNotInTheVocabulary_DoesWithoutIt(string key, uint id)
    {
        using LlamaModel model = Load(TinyModel.Describe().Add(key, id).Build());

        model.Tokenizer.EndOfGenerationIds.Should().Equal(2);
    }

    [Fact]
    public async Task Generate_StopTokens_AreBesideTheModelsEnds()
    {
        int token = await FirstTokenAsync(TinyModel.Build());
        using LlamaModel model = Load(TinyModel.Describe().Add("tokenizer.ggml.eot_token_id", (uint)token).Build());
        int other = Enumerable.Range(3, 9).First(id => id != token);

        GenerationResult result = await model.GenerateTextAsync("a", s_greedy with { StopTokens = [other] });
        GenerationResult stopped = await model.GenerateTextAsync(
            "a", s_greedy with { StopTokens = [other], LogitBias = new Dictionary<int, float> { [other] = 1000 } });

        result.Usage.GeneratedTokenCount.Should().Be(1);
        stopped.Usage.GeneratedTokenCount.Should().Be(1);
        stopped.FinishReason.Should().Be(FinishReason.EndOfSequence);
    }

    // The names in llama.cpp's src/llama-vocab.cpp, and the spellings of Code Llama and OpenChat.
    [Theory]
    [InlineData("<|eot_id|>")]
    [InlineData("<|im_end|>")]
    [InlineData("<|end|>")]
    [InlineData("<|return|>")]
    [InlineData("<|call|>")]
    [InlineData("<|flush|>")]
    [InlineData("<|calls|>")]
    [InlineData("<end_of_turn>")]
    [InlineData("<|end_of_turn|>")]
    [InlineData("<|endoftext|>")]
    [InlineData("<|eom_id|>")]
    [InlineData("<EOT>")]
    [InlineData("_<EOT>")]
    [InlineData("\u2581<EOT>")]
    [InlineData("[EOT]")]
    [InlineData("[EOS]")]
    [InlineData("<|end_of_text|>")]
    [InlineData("<end_of_utterance>")]
    [InlineData("<eos>")]
    [InlineData("<turn|>")]
    [InlineData("<\uFF5Cend\u2581of\u2581sentence\uFF5C>")]
    [InlineData("[e~[")]
    [InlineData("[PAD]")]
    [InlineData("<PAD>")]
    [InlineData("<|fim_pad|>")]
    [InlineData("<|repo_name|>")]
    [InlineData("<|file_sep|>")]
    public void IsEndOfGeneration_PieceOfAnEndsName_IsTrueWhateverItsType(string name)
    {
        foreach (PieceType type in (PieceType[])[PieceType.Control, PieceType.UserDefined, PieceType.Normal, PieceType.Unused])
        {
            TestVocabulary vocabulary = new TestVocabulary().Add("a").Add(name, type: type).Add("b");

            vocabulary.CreateTokenizer().EndOfGenerationIds.Should().Equal(2, vocabulary.Id(name));
        }
    }

    [Theory]
    [InlineData("<|end")]
    [InlineData("<|IM_END|>")]
    [InlineData("<|im_start|>")]
    [InlineData("[INST]")]
    [InlineData("the end")]
    [InlineData("")]
    public void IsEndOfGeneration_PieceOfAnotherName_IsFalse(string name)
    {
        TestVocabulary vocabulary = new TestVocabulary().Add(name, type: PieceType.Control);

        vocabulary.CreateTokenizer().IsEndOfGeneration(vocabulary.Pieces.Count - 1).Should().BeFalse();
    }

    [Theory]
    [InlineData(new[] { "<|end|>", "<|return|>", "<|call|>" }, new[] { "</s>", "<|return|>", "<|call|>" })]
    [InlineData(new[] { "<|end|>", "<|flush|>", "<|calls|>" }, new[] { "</s>", "<|flush|>", "<|calls|>" })]
    [InlineData(new[] { "<|end|>", "<|return|>" }, new[] { "</s>", "<|end|>", "<|return|>" })]
    [InlineData(new[] { "<|im_end|>", "<|im_end|>" }, new[] { "</s>", "<|im_end|>", "<|im_end|>" })]
    public void EndOfGenerationIds_NamesThatGoTogether_AreThoseOfLlamaCpp(string[] names, string[] expected)
    {
        var vocabulary = new TestVocabulary();
        foreach (string name in names)
            vocabulary.Add(name, type: PieceType.Control);
        ModelTokenizer tokenizer = vocabulary.CreateTokenizer();

        tokenizer.EndOfGenerationIds.Select(tokenizer.GetTokenText).Should().Equal(expected);
    }

    [Fact]
    public void EndOfGenerationIds_EndThatIsOrdinaryText_StaysText()
    {
        var vocabulary = new TestVocabulary().Add("g");
        int before = vocabulary.CreateTokenizer().Encode("g", addBeginOfSequence: false)[^1];
        vocabulary.Options = vocabulary.Options with { OtherEndIds = [before] };
        ModelTokenizer tokenizer = vocabulary.CreateTokenizer();

        tokenizer.Encode("g", addBeginOfSequence: false)[^1].Should().Be(before);
        tokenizer.IsEndOfGeneration(before).Should().BeTrue();
    }

    [Fact]
    public void EndOfGenerationIds_VocabularyWithoutEnds_IsEmpty() =>
        new TestVocabulary { Options = new() { UnknownId = 0 } }.Set(2, "x", PieceType.Normal).CreateTokenizer().EndOfGenerationIds.Should().BeEmpty();

    [Theory]
    [InlineData("[2, 289]")]
    [InlineData("[2, 289, 288]")]
    [InlineData("[2, 289, 288, 287, 286]")]
    public void Convert_SeveralEnds_KeepsThemInEveryForm(string ends)
    {
        string folder = CopyFolder(("generation_config.json", $$"""{ "eos_token_id": {{ends}} }"""));
        string gguf = _folder.File("model.gguf"), back = _folder.File("back");
        ModelConverter.Convert(folder, gguf);
        ModelConverter.Convert(gguf, back);
        int[] expected = [.. ends.Trim('[', ']').Split(',').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

        foreach (string path in (string[])[folder, gguf, back])
            ModelFileInformation.Read(path).EndOfGenerationIds.Should().Equal(expected, path);
        ModelFileInformation.Read(gguf).Metadata["tokenizer.ggml.eot_token_id"].Should().BeOfType<uint>().Which.Should().Be(289, "other programs read GGUF's own keys");
    }

    [Fact]
    public void Load_WithAnotherTokenizer_KeepsTheModelsEnds()
    {
        string folder = CopyFolder(("generation_config.json", """{ "eos_token_id": [2, 289] }"""));
        using var model = LlamaModel.Load(folder, new LlamaModelOptions { TokenizerPath = Path.Combine(folder, "tokenizer.model") });

        model.Tokenizer.EndOfGenerationIds.Should().Equal(2, 289);
    }

    // The caller may set the maximum number of stop sequences; those of the format do not count towards the limit.
    [Fact]
    public async Task ChatSession_StopsOfTheFormat_DoNotCountForTheCallersLimit()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.ChatMl });
        var options = new GenerationOptions
        {
            Temperature = 0,
            MaxTokens = 1,
            StopSequences = [.. Enumerable.Range(0, GenerationOptions.MaxStopSequenceCount).Select(i => $"stop {i}")],
            StopTokens = [.. Enumerable.Range(100, GenerationOptions.MaxStopSequenceCount)],
        };

        GenerationUpdate last = await session.SendAsync("Hello", options).LastAsync();

        last.FinishReason.Should().NotBeNull();
    }

    private LlamaModel LoadFolder(params (string Name, string Content)[] files) => LlamaModel.Load(CopyFolder(files));

    private string CopyFolder(params (string Name, string Content)[] files)
    {
        string source = PublishedForms.PathOf("huggingface"), folder = Directory.CreateDirectory(_folder.File(Guid.NewGuid().ToString("N"))).FullName;
        foreach (string path in Directory.GetFiles(source))
        {
            if (Path.GetFileName(path) != "generation_config.json")
                File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        foreach ((string name, string content) in files)
        {
            string path = Path.Combine(folder, name);
            File.Delete(path);
            File.WriteAllText(path, content);
        }

        return folder;
    }

    private LlamaModel Load(byte[] file)
    {
        string path = _folder.File(Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, file);
        return LlamaModel.Load(path);
    }

    private async Task<int> FirstTokenAsync(byte[] file)
    {
        using LlamaModel model = Load(file);
        GenerationUpdate first = await model.GenerateAsync("a", s_greedy).FirstAsync();
        return first.Token!.Value;
    }

    // The builder cannot replace keys, so the token is declared the end of sequence in the written bytes.
    private static byte[] Patched(int token)
    {
        byte[] file = TinyModel.Build();
        byte[] key = "tokenizer.ggml.eos_token_id"u8.ToArray();
        int position = file.AsSpan().IndexOf(key) + key.Length + sizeof(uint);
        BitConverter.TryWriteBytes(file.AsSpan(position), (uint)token).Should().BeTrue();
        return file;
    }
}
