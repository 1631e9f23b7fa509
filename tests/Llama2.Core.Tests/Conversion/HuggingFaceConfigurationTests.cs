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
        ["hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size", "max_position_embeddings"];

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

    // Within the range of what is read, and not what the tensors have.
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

    // As text: the values may be no JSON.
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
