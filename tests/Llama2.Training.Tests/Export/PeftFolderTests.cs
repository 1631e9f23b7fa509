using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Training.Tests.Export;

/// <summary>PEFT folders have the tensors, shapes and scales that PEFT itself gives an adapter of the same settings (tests/Reference/peft_state.py).</summary>
public sealed class PeftFolderTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static readonly JsonElement s_golden = JsonElement.Parse(File.ReadAllText(RepositoryFiles.Committed("tests", "data", "adapters", "peft-state.json")));

    private static readonly string[] s_modules =
    [
        "model.embed_tokens", "model.norm", "lm_head",
        .. Enumerable.Range(0, 2).SelectMany(layer => ((string[])["self_attn.q_proj", "mlp.down_proj", "input_layernorm", "post_attention_layernorm"]).Select(name => $"model.layers.{layer}.{name}")),
    ];

    private static readonly LoraOptions s_plain = new() { Rank = 4, Alpha = 8 };

    private static readonly LoraOptions s_patterns = s_plain with
    {
        RankPattern = [("q_proj", 2), (@".*\.1\.mlp\..*", 6)],
        AlphaPattern = [("layers.0.self_attn.v_proj", 5), ("(gate|up)_proj", 30)],
    };

    [Theory]
    [InlineData("plain")]
    [InlineData("targets")]
    [InlineData("patterns")]
    [InlineData("stabilized")]
    [InlineData("dora")]
    [InlineData("saved")]
    [InlineData("norms")]
    [InlineData("finalNorm")]
    [InlineData("tokens")]
    [InlineData("layerNorms")]
    public void SavePeftAdapter_AnySettings_HasTensorsShapesAndScalesOfPeft(string name)
    {
        string folder = tiny.Path(name);
        using (LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { Lora = OptionsOf(name) }))
        {
            trainer.SavePeftAdapter(folder);
        }

        JsonElement expected = s_golden.GetProperty("cases").GetProperty(name);
        Dictionary<string, string> shapes = expected.GetProperty("tensors").EnumerateObject().ToDictionary(tensor => tensor.Name, tensor => tensor.Value.GetRawText());
        byte[] file = File.ReadAllBytes(Path.Combine(folder, "adapter_model.safetensors"));
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, (int)BitConverter.ToUInt64(file)));
        header.RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__")
            .ToDictionary(tensor => tensor.Name, tensor => tensor.Value.GetProperty("shape").GetRawText()).Should().BeEquivalentTo(shapes);

        JsonElement configuration = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")));
        configuration.EnumerateObject().Select(member => member.Name).Should().BeSubsetOf(s_golden.GetProperty("configuration").EnumerateArray().Select(field => field.GetString()!));
        SavedBy(configuration).Should().BeEquivalentTo(shapes.Keys.Where(tensor => !tensor.Contains(".lora_", StringComparison.Ordinal) && !tensor.EndsWith("tokens_delta", StringComparison.Ordinal)), "PEFT saves these modules");
        configuration.GetProperty("trainable_token_indices").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal).Should().Be(name == "tokens" ? """{"embed_tokens":[5,3,31999],"lm_head":[7]}""" : "null");
        foreach (JsonProperty scale in expected.GetProperty("scales").EnumerateObject())
        {
            ScaleOf(configuration, scale.Name).Should().BeApproximately(scale.Value.GetDouble(), 1e-5, scale.Name);
        }
    }

    private static LoraOptions OptionsOf(string name) => name switch
    {
        "targets" => s_plain with { Targets = LoraTargets.Query | LoraTargets.Value | LoraTargets.Down },
        "patterns" => s_patterns,
        "stabilized" => s_patterns with { UseRankStabilization = true },
        "dora" => s_plain with { UseWeightDecomposition = true },
        "saved" => s_plain with { SavedModules = SavedModules.TokenMatrices },
        "norms" => s_plain with { SavedModules = SavedModules.TokenEmbedding | SavedModules.Norms },
        "tokens" => s_plain with { EmbeddingTokens = [5, 3, 31_999], OutputTokens = [7] },
        "finalNorm" => s_plain with { SavedModules = SavedModules.OutputNorm },
        "layerNorms" => s_plain with { SavedModules = SavedModules.AttentionNorm | SavedModules.FeedForwardNorm },
        _ => s_plain,
    };

    // PEFT saves each module whose name ends with one of the names in modules_to_save.
    private static IEnumerable<string> SavedBy(JsonElement configuration)
    {
        string[] ends = configuration.GetProperty("modules_to_save") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(name => name.GetString()!)] : [];
        return s_modules.Where(module => Array.Exists(ends, end => module.EndsWith(end, StringComparison.Ordinal))).Select(module => $"base_model.model.{module}.weight");
    }

    // PEFT looks up the first pattern that a module's name equals or ends with, after a dot.
    private static double ScaleOf(JsonElement configuration, string module)
    {
        double Find(string pattern, string fallback) => configuration.GetProperty(pattern).EnumerateObject()
            .Where(entry => $".{module}".EndsWith($".{entry.Name}", StringComparison.Ordinal)).Select(entry => entry.Value).Append(configuration.GetProperty(fallback)).First().GetDouble();
        double rank = Find("rank_pattern", "r"), alpha = Find("alpha_pattern", "lora_alpha");
        return alpha / (configuration.GetProperty("use_rslora").GetBoolean() ? Math.Sqrt(rank) : rank);
    }
}
