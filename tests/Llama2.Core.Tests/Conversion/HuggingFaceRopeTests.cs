using System.Text.Json;
using System.Text.Json.Nodes;

namespace Llama2.Tests.Conversion;

public sealed class HuggingFaceRopeTests : IDisposable
{
    // Everything is computed in float32, and each sum is rounded by a relative 6e-8.
    private const double Tolerance = 1e-6;
    private static readonly string s_yarn = """{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":512}""";
    private readonly TemporaryFolder _folder = new();

    public HuggingFaceRopeTests() => PublishedForms.Copy("huggingface", _folder);

    public static TheoryData<string> ReferenceCases
    {
        get
        {
            using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Committed("tests", "data", "rope-scaling.json")));
            return [.. cases.RootElement.EnumerateArray().Select(entry => entry.GetRawText())];
        }
    }

    public void Dispose() => _folder.Dispose();

    // tests/Reference/rope_scaling.py: the formulas of transformers, with numpy in double precision.
    [Theory]
    [MemberData(nameof(ReferenceCases))]
    public void Load_ReferenceCase_GivesTheLogitsOfTransformersFormulas(string json)
    {
        JsonNode entry = JsonNode.Parse(json)!;
        int[] tokens = entry["tokens"].Deserialize<int[]>()!;
        float[] expected = entry["logits"].Deserialize<float[]>()!;
        Write(entry["members"]!.AsObject());

        float[] actual = Compute(_folder.Path, tokens);

        GoldenModel.RelativeError(actual, expected).Should().BeLessThan(Tolerance);
        string gguf = _folder.File("converted.gguf"), folder = _folder.File("converted");
        ModelConverter.Convert(_folder.Path, gguf);
        ModelConverter.Convert(gguf, folder);
        Compute(gguf, tokens).Should().Equal(actual, "GGUF keeps it");
        GoldenModel.RelativeError(Compute(folder, tokens), expected).Should().BeLessThan(Tolerance, "the folder keeps it");
    }

    [Theory]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2,"of_the_future":1}}""", "rope_scaling.of_the_future is 1*'linear' scaling has no such member")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2,"truncate":false}}""", "rope_scaling.truncate is false*'linear' scaling has no such member")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2,"attention_factor":1.5}}""", "rope_scaling.attention_factor is 1.5")]
    [InlineData("""{"rope_scaling":{"type":"dynamic","factor":2,"alpha":1000}}""", "rope_scaling.alpha is 1000")]
    [InlineData("""{"rope_scaling":{"type":"dynamic","factor":2,"original_max_position_embeddings":32}}""", "rope_scaling.original_max_position_embeddings is 32*it must equal max_position_embeddings, 64")]
    [InlineData("""{"rope_scaling":{"type":"dynamic"}}""", "rope_scaling.factor is missing")]
    [InlineData("""{"rope_scaling":{"type":"dynamic","factor":0.5}}""", "dynamic_factor is 0.5")]
    [InlineData("""{"rope_scaling":{"factor":2}}""", "rope_scaling.factor is 2*'default' scaling has no such member")]
    [InlineData("""{"rope_scaling":{"type":"linear","rope_type":"yarn","factor":2}}""", "rope_scaling.rope_type is 'yarn'*'linear'")]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}}""", "rope_scaling.rope_type is 'llama3'*'linear', 'dynamic' and 'yarn'")]
    [InlineData("""{"rope_scaling":{"type":"longrope","short_factor":[1,1,1,1],"long_factor":[2,2,2,2]}}""", "rope_scaling.type is 'longrope'")]
    [InlineData("""{"rope_scaling":{"type":"yarn","factor":2,"short_factor":[1,1,1,1]}}""", "rope_scaling.short_factor is")]
    [InlineData("""{"rope_scaling":{"type":"yarn","factor":2,"truncate":0}}""", "rope_scaling.truncate is 0*true or false")]
    [InlineData("""{"rope_scaling":{"type":"yarn","factor":2,"finetuned":"no"}}""", "rope_scaling.finetuned is")]
    [InlineData("""{"rope_scaling":{"type":"yarn"}}""", "rope_scaling.factor is missing")]
    [InlineData("""{"rope_scaling":{"type":"yarn","factor":2,"original_max_position_embeddings":0}}""", "rope_scaling.original_max_position_embeddings is 0")]
    [InlineData("""{"original_max_position_embeddings":32,"rope_scaling":{"type":"yarn","factor":2,"original_max_position_embeddings":16}}""", "rope_scaling.original_max_position_embeddings is 16*32")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2},"rope_parameters":{"type":"linear","factor":3}}""", "rope_parameters is different from rope_scaling*remove one")]
    [InlineData("""{"rope_parameters":{"rope_type":"default","rope_theta":500000.0}}""", "rope_parameters.rope_theta is 500000*10000")]
    [InlineData("""{"rope_parameters":{"rope_type":"default","partial_rotary_factor":0.5}}""", "rope_parameters.partial_rotary_factor is 0.5*whole heads")]
    [InlineData("""{"partial_rotary_factor":0.25}""", "partial_rotary_factor is 0.25*whole heads")]
    [InlineData("""{"rope_parameters":{"full_attention":{"rope_type":"default"}}}""", "rope_parameters.full_attention is")]
    [InlineData("""{"rope_scaling":{"type":"mrope","mrope_section":[1,2]}}""", "rope_scaling.type is 'mrope'")]
    public void Load_MemberThatIsNotHonoured_IsRefusedByName(string members, string message)
    {
        Write(JsonNode.Parse(members)!.AsObject());
        FluentActions.Invoking(() => LlamaModel.Load(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void Load_SameScalingUnderBothNames_IsRead()
    {
        Write(new JsonObject { ["rope_scaling"] = JsonNode.Parse(s_yarn), ["rope_parameters"] = JsonNode.Parse(s_yarn) });
        ModelFileInformation.Read(_folder.Path).Configuration!.RopeScaling.Should().Be(RopeScaling.Yarn(4, 512));
    }

    // The base is that of the whole context length, also for sequences within the trained length.
    [Fact]
    public void Load_DynamicScalingAndALongerContext_HasOneBaseForAllItsTokens()
    {
        Write(JsonNode.Parse("""{"rope_scaling":{"type":"dynamic","factor":2}}""")!.AsObject());
        float[] dynamic = PublishedForms.Compute(_folder.Path, new LlamaModelOptions { ContextLength = 128 });

        dynamic.Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface"), new LlamaModelOptions { RopeScaling = RopeScaling.NtkAware(3), ContextLength = 128 }));
        PublishedForms.Compute(_folder.Path).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface")), "the default context is the trained one");
    }

    private static float[] Compute(string path, int[] tokens)
    {
        ModelConfiguration configuration = ModelFileInformation.Read(path).Configuration!;
        using var model = LlamaModel.Load(path, new LlamaModelOptions { ThreadCount = 1, ContextLength = Math.Max(tokens.Length, configuration.ContextLength) });
        return model.ComputeLogitsAsync(tokens).GetAwaiter().GetResult()[^model.Configuration.VocabularySize..];
    }

    private void Write(JsonObject members)
    {
        string path = _folder.File("config.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach ((string name, JsonNode? value) in members)
            json[name] = value?.DeepClone();
        File.WriteAllText(path, json.ToJsonString());
    }
}
