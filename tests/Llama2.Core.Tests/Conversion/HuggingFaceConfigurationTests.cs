using System.Text;
using System.Text.Json.Nodes;
using Llama2.Conversion;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Conversion;

public sealed class HuggingFaceConfigurationTests : IDisposable
{
    private static readonly string s_whole = File.ReadAllText(PublishedForms.PathOf("huggingface/config.json"));
    private readonly TemporaryFolder _folder = new();

    public HuggingFaceConfigurationTests() => PublishedForms.Copy("huggingface", _folder);

    public static TheoryData<string> Required =>
        ["hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Required))]
    public void Read_FigureThatIsNone_IsRefused(string name)
    {
        foreach (string value in new[] { "null", "\"32\"", "[32]", "{}", "true", "1.5", "1e9", "-1", "0", "2147483648", "1e999", "99999999999999999999999999" })
            Refuse(With(name, value), $"{name} = {value}");
        JsonObject missing = Parse();
        missing.Remove(name);
        Refuse(missing.ToJsonString(), $"no {name}").Message.Should().Contain(name);
    }

    // Values that contradict the shapes of the tensors, although most are in the allowed range.
    [Theory]
    [InlineData("hidden_size", "64")]
    [InlineData("num_attention_heads", "1024")]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("num_key_value_heads", "0")]
    [InlineData("head_dim", "-8")]
    [InlineData("head_dim", "1048576")]
    [InlineData("num_hidden_layers", "3")]
    [InlineData("num_hidden_layers", "512")]
    [InlineData("intermediate_size", "65")]
    [InlineData("vocab_size", "291")]
    [InlineData("rms_norm_eps", "-1")]
    [InlineData("rms_norm_eps", "\"small\"")]
    [InlineData("rope_theta", "0")]
    [InlineData("rope_theta", "1e999")]
    [InlineData("max_position_embeddings", "2000000000")]
    [InlineData("tie_word_embeddings", "1")]
    [InlineData("architectures", "[\"GPT2LMHeadModel\"]")]
    [InlineData("architectures", "\"LlamaForCausalLM\"")]
    [InlineData("architectures", "[[[]]]")]
    [InlineData("attention_bias", "true")]
    [InlineData("hidden_act", "7")]
    [InlineData("rope_scaling", "\"linear\"")]
    [InlineData("rope_scaling", "{\"type\":\"linear\"}")]
    [InlineData("rope_scaling", "{\"type\":\"linear\",\"factor\":1e300}")]
    [InlineData("rope_scaling", "{\"type\":\"llama3\",\"factor\":2}")]
    [InlineData("quantization_config", "{}")]
    [InlineData("sliding_window", "4")]
    public void Load_ConfigurationThatTheWeightsContradict_IsRefused(string name, string value)
    {
        Write(With(name, value));
        Loading($"{name} = {value}").Should().NotBeNull();
    }

    // LlamaConfig's and MistralConfig's defaults.
    [Theory]
    [InlineData("LlamaForCausalLM", 2048)]
    [InlineData("MistralForCausalLM", 131_072)]
    public void Read_NoContextLength_IsTheDefaultOfTransformers(string architecture, int expected)
    {
        JsonObject json = Parse();
        json.Remove("max_position_embeddings");
        json["architectures"] = new JsonArray(architecture);
        json["sliding_window"] = null;
        Write(json.ToJsonString());

        ModelFileInformation.Read(_folder.Path).Configuration!.ContextLength.Should().Be(expected);
    }

    [Theory]
    [InlineData("sliding_window", "sliding_window is 4,096*shorter than the context")]
    [InlineData("num_key_value_heads", "*")]
    public void Load_MistralThatDoesNotSay_HasItsDefaults(string missing, string message)
    {
        JsonObject json = Parse();
        json["architectures"] = new JsonArray("MistralForCausalLM");
        json["max_position_embeddings"] = 8192;
        json["sliding_window"] = null;
        json.Remove(missing);

        // The weights have two key-value heads, and the default is eight.
        Refuse(json.ToJsonString(), missing).Message.Should().Match($"*{message}*");
    }

    [Fact]
    public void Read_HeadsOfAnotherWidth_AreRefusedByTheFiguresOfTheConfiguration()
    {
        Refuse(With("head_dim", "16"), "head_dim").Message.Should().Match("*head_dim is 16*32 / 4 = 8*hidden_size / num_attention_heads*");
        Write(With("head_dim", "8"));
        Loading("the width that the heads have").Should().BeNull();
    }

    [Theory]
    [InlineData("quantization_config", """{"quant_method":"gptq","bits":4}""", "quantization_config is gptq")]
    [InlineData("quantization_config", """{"load_in_4bit":true}""", "quantization_config is present")]
    [InlineData("compression_config", """{"quant_method":"compressed-tensors"}""", "compression_config is compressed-tensors")]
    [InlineData("mlp_bias", "true", "mlp_bias is true")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act is \"gelu\"")]
    [InlineData("num_local_experts", "8", "num_local_experts is 8")]
    public void Read_MemberThatChangesTheArithmetic_IsRefusedByName(string name, string value, string message) =>
        Refuse(With(name, value), name).Message.Should().Contain(message);

    [Theory]
    [InlineData("attention_dropout", "0.1")]
    [InlineData("pretraining_tp", "2")]
    [InlineData("torch_dtype", "\"float16\"")]
    [InlineData("sliding_window", "64")]
    [InlineData("quantization_config", "null")]
    [InlineData("attn_logit_softcapping", "50.0")]
    [InlineData("final_logit_softcapping", "30.0")]
    [InlineData("query_pre_attn_scalar", "256")]
    [InlineData("residual_multiplier", "0.22")]
    [InlineData("embedding_multiplier", "12.0")]
    [InlineData("attention_multiplier", "0.5")]
    [InlineData("logits_scaling", "8.0")]
    [InlineData("time_step_limit", "[0.0, Infinity]")]
    [InlineData("of_another", "{\"x\":[NaN,-Infinity,\"NaN\",\"a \\\" Infinity\"]}")]
    public void Load_MemberThatDoesNotChangeTheArithmetic_ChangesNothing(string name, string value)
    {
        Write(With(name, value));
        PublishedForms.Compute(_folder.Path).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface")));
    }

    [Theory]
    [InlineData("rope_theta", "Infinity")]
    [InlineData("rms_norm_eps", "NaN")]
    [InlineData("rms_norm_eps", "-Infinity")]
    public void Read_PythonsNamesOfNumbersThatAreNotFinite_AreRefusedByName(string name, string value) =>
        Refuse(With(name, value), name).Message.Should().Contain($"{name} is \"{value}\"");

    [Fact]
    public void Load_ByteOrderMark_IsSkipped()
    {
        File.WriteAllText(_folder.File("config.json"), s_whole, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        File.WriteAllText(_folder.File("generation_config.json"), """{"eos_token_id":2}""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        PublishedForms.Compute(_folder.Path).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface")));
    }

    [Fact]
    public void Read_MemberThatIsThereTwice_IsTheLastAsInPython()
    {
        Write($$"""{"max_position_embeddings":16,"rope_scaling":{"type":"linear","factor":4,"factor":2},{{s_whole.TrimStart()[1..].Replace("\"rope_scaling\"", "\"unused\"", StringComparison.Ordinal)}}""");
        ModelConfiguration configuration = ModelFileInformation.Read(_folder.Path).Configuration!;
        (configuration.ContextLength, configuration.RopeScaling).Should().Be((64, RopeScaling.Linear(2)));
    }

    [Fact]
    public void Read_TextInLatin1_IsRefusedByItsEncoding()
    {
        File.WriteAllBytes(_folder.File("config.json"), Encoding.Latin1.GetBytes("{\"name\":\"été\"," + s_whole.TrimStart()[1..]));
        Reading("Latin-1")!.Message.Should().Contain("byte 9: text is the byte 0xE9, which is 'é' in Latin-1 and not valid UTF-8");
    }

    [Fact]
    public void Read_ArraysOfShortValues_AreRefusedBeforeTheyTakeManyTimesTheFilesSize()
    {
        string zeros = "{\"x\":[" + string.Join(',', Enumerable.Repeat('0', 1 << 20)) + "]," + s_whole.TrimStart()[1..];
        Write(zeros);
        FluentActions.Invoking(() => new HuggingFaceConfiguration(_folder.Path)).Should().Throw<ModelFormatException>().Which.Field.Should().Be("the number of values");
    }

    [Fact]
    public void Read_WhatIsNoObject_IsRefused()
    {
        string nested = new('[', 100_000);
        foreach (string json in new[] { "", "null", "[]", "7", "\"x\"", "{", "{}", s_whole + s_whole, "{\"hidden_size\":32,\"hidden_size\":32}", "{\"\\ud800\":1}", "{\"architectures\":" + nested, nested })
            Refuse(json, json.Length > 60 ? json[..60] : json);
        Refuse(string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1000), "a thousand objects in one another");
        Refuse("{\"x\":\"" + new string('x', 4 << 20) + "\"}", "more than 4 MiB").Field.Should().Be("file size");
    }

    [Fact]
    public void Read_BytesThatAreNoUtf8_AreRefused()
    {
        File.WriteAllBytes(_folder.File("config.json"), [.. Encoding.UTF8.GetBytes(s_whole[..^1]), .. ",\"x\":\""u8, 0xFF, 0xC0, .. "\"}"u8]);
        Reading("no UTF-8").Should().NotBeNull();
    }

    [Fact]
    public void Load_DamagedConfigurations_LoadOrAreRefused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(s_whole);
        var random = new Random(6);
        int refusedCount = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = i % 8 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int count = random.Next(1, 4); count > 0 && damaged.Length > 0; count--)
                damaged[random.Next(damaged.Length)] = (byte)"0123456789-e.\"{}[],:\0 x"[random.Next(23)];
            File.WriteAllBytes(_folder.File("config.json"), damaged);
            refusedCount += Loading(Encoding.UTF8.GetString(damaged)) is null ? 0 : 1;
        }

        refusedCount.Should().BeGreaterThan(200);
    }

    private static JsonObject Parse() => JsonNode.Parse(s_whole)!.AsObject();

    // The values are texts, because they may not be valid JSON.
    private static string With(string name, string value)
    {
        JsonObject json = Parse();
        json[name] = "VALUE";
        return json.ToJsonString().Replace("\"VALUE\"", value, StringComparison.Ordinal);
    }

    private void Write(string json) => File.WriteAllText(_folder.File("config.json"), json);

    private ModelFormatException Refuse(string json, string what)
    {
        Write(json);
        ModelFormatException? fault = Reading(what) ?? Loading(what);
        fault.Should().NotBeNull(what);
        return fault!;
    }

    private ModelFormatException? Reading(string what) =>
        RefusalLimits.Run(() => new HuggingFaceConfiguration(_folder.Path).ToMetadata("name"), what);

    private ModelFormatException? Loading(string what) =>
        RefusalLimits.Run(() => LlamaModel.Load(_folder.Path, new LlamaModelOptions { ThreadCount = 1 }).Dispose(), what);
}
