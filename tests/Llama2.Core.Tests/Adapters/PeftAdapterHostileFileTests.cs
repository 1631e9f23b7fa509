using System.Text.Json.Nodes;
using Llama2.Formats.SafeTensors;

namespace Llama2.Tests.Adapters;

public sealed class PeftAdapterHostileFileTests : IDisposable
{
    private const string Query = "base_model.model.model.layers.0.self_attn.q_proj", Embedding = "base_model.model.model.embed_tokens";
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;

    public PeftAdapterHostileFileTests()
    {
        using Llama2.Formats.Gguf.GgufFile file = TinyModel.Describe().Open();
        _model = LlamaModel.Load(file, new LlamaModelOptions(), progress: null, CancellationToken.None);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void LoadAdapter_WellFormedFolder_IsLoaded()
    {
        Write("{}", [.. PairOf(Query), .. PairOf(Embedding, 12, isEmbedding: true)]);
        using LlamaAdapter adapter = _model.LoadAdapter(_folder.Path);

        adapter.MaxRank.Should().Be(2);
    }

    [Theory]
    [InlineData("""{ "peft_type": "LOHA" }""", "peft_type is 'LOHA'*only LoRA")]
    [InlineData("""{ "peft_type": null }""", "peft_type is 'missing'")]
    [InlineData("""{ "use_dora": true }""", "the magnitudes of '*q_proj.lora_A.weight' is absent*use_dora is true")]
    [InlineData("""{ "bias": "some" }""", "bias is 'some'")]
    [InlineData("""{ "trainable_token_indices": [1, 2] }""", "trainable_token_indices is [1,2]*no rows of tokens")]
    [InlineData("""{ "target_parameters": ["x"] }""", "target_parameters is*merge_and_unload")]
    [InlineData("""{ "alora_invocation_tokens": [1] }""", "alora_invocation_tokens is*merge_and_unload")]
    [InlineData("""{ "fan_in_fan_out": true }""", "fan_in_fan_out is true")]
    [InlineData("""{ "layer_replication": [[0, 1]] }""", "layer_replication is")]
    [InlineData("""{ "lora_bias": true }""", "lora_bias is true")]
    [InlineData("""{ "of_the_future": 3 }""", "of_the_future is 3*does not know it")]
    [InlineData("""{ "init_lora_weights": "pissa_niter_4" }""", "init_lora_weights is*pissa_niter_4*path_initial_model_for_weight_conversion")]
    [InlineData("""{ "use_rslora": "yes" }""", "use_rslora is")]
    [InlineData("""{ "r": 0 }""", "r is 0*1 to 1,024")]
    [InlineData("""{ "r": 1025 }""", "r is 1025*1 to 1,024")]
    [InlineData("""{ "r": 2.5 }""", "r is 2.5*whole number")]
    [InlineData("""{ "r": null }""", "r is missing")]
    [InlineData("""{ "lora_alpha": null }""", "lora_alpha is missing")]
    [InlineData("""{ "lora_alpha": 1e39 }""", "lora_alpha is 1e39")]
    [InlineData("""{ "lora_alpha": "8" }""", "lora_alpha is")]
    [InlineData("""{ "r": 3 }""", "the rank of '*q_proj.lora_B.weight' is 2*adapter_config.json states 3")]
    [InlineData("""{ "rank_pattern": { "q_proj": 0 } }""", "rank_pattern.q_proj is 0")]
    [InlineData("""{ "rank_pattern": { "q_proj": 4 } }""", "the rank of*states 4")]
    [InlineData("""{ "rank_pattern": 7 }""", "rank_pattern is 7*an object")]
    [InlineData("""{ "rank_pattern": { ".*q_pro.": 4 } }""", "the rank of*states 4")]
    [InlineData("""{ "alpha_pattern": { "(q_proj": 1 } }""", "alpha_pattern.(q_proj is 1*not a name or a regular expression*")]
    [InlineData("""{ "alpha_pattern": { "a)|(b": 1 } }""", "alpha_pattern.a)|(b is 1*not a name or a regular expression*")]
    [InlineData("""{ "alpha_pattern": { "(q)_\\1": 1 } }""", "alpha_pattern.(q)_*not a name or a regular expression*")]
    [InlineData("""{ "alpha_pattern": { "": 1 } }""", "alpha_pattern.*1 to 1,000 characters*")]
    [InlineData("""{ "alpha_pattern": { "q_proj": true } }""", "alpha_pattern.q_proj is true")]
    public void LoadAdapter_ConfigurationThatIsNotSupported_IsRefusedByName(string changes, string message) => Refuse(changes, PairOf(Query), message);

    [Theory]
    [InlineData("""{ "lora_dropout": 0.3, "target_modules": "all-linear", "megatron_core": "x", "use_dora": false, "layer_replication": null, "modules_to_save": [] }""")]
    [InlineData("""{ "init_lora_weights": "gaussian", "loftq_config": { "a": 1 }, "bias": null, "rank_pattern": { "k_proj": 5 } }""")]
    [InlineData("""{ "bias": "lora_only", "target_modules": ".*\\.q_proj$", "layers_to_transform": [0], "exclude_modules": ["x"], "layers_pattern": "layers", "modules_to_save": ["lm_head"] }""")]
    [InlineData("""{ "bias": "all", "lora_alpha": 4.0, "init_lora_weights": false, "lora_bias": false, "trainable_token_indices": null, "use_qalora": false, "qalora_group_size": 16 }""")]
    public void LoadAdapter_ConfigurationThatDoesNotChangeTheArithmetic_IsLoaded(string changes)
    {
        Write(changes, PairOf(Query));
        _model.LoadAdapter(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData("lora_A.weight", "lora_B.weight")]
    [InlineData("lora_B.weight", "lora_A.weight")]
    [InlineData("lora_embedding_A", "lora_embedding_B")]
    [InlineData("lora_embedding_B", "lora_embedding_A")]
    [InlineData("lora_A.default.weight", "lora_B.default.weight")]
    [InlineData("lora_embedding_B.default", "lora_embedding_A.default")]
    public void LoadAdapter_HalfOfAPair_IsRefusedByName(string present, string missing)
        => Refuse("{}", [($"{Query}.{present}", [2, 32])], $"tensor '{Query}.{missing}' is absent*'{Query}.{present}' is one factor of a pair");

    [Theory]
    [InlineData(Query + ".lora_magnitude_vector.a.b.weight")]
    [InlineData(Query + ".lora_A.a.b.weight")]
    [InlineData(Query + ".lora_A")]
    [InlineData(Query + ".lora_B.bias")]
    [InlineData(Query + ".base_layer.bias")]
    [InlineData(Embedding + ".lora_embedding_A.weight")]
    [InlineData("base_model.model.model.layers.0.self_attn.qkv_proj.base_layer.weight")]
    [InlineData("base_model.model..lora_A.weight.bias")]
    [InlineData("blk.0.attn_q.weight.lora_a")]
    [InlineData("")]
    public void LoadAdapter_TensorOfAnotherKind_IsRefusedByName(string name) => Refuse("{}", [(name, [2, 32])], $"a tensor's name is '{name}'*merge_and_unload");

    [Theory]
    [InlineData("{}", Query + ".lora_magnitude_vector", 32, "use_dora is not true")]
    [InlineData("""{ "use_dora": true }""", Query + ".lora_magnitude_vector", 31, "the shape of '*lora_magnitude_vector' is 31 × 1*32 × 1")]
    [InlineData("""{ "use_dora": true }""", "base_model.model.model.layers.0.self_attn.k_proj.lora_magnitude_vector", 16, "exactly one pair*'blk.0.attn_k.weight'")]
    [InlineData("""{ "use_dora": true }""", "base_model.model.model.layers.0.self_attn.qkv_proj.lora_magnitude_vector", 16, "a tensor's name is*qkv_proj")]
    public void LoadAdapter_MagnitudesThatDoNotFit_AreRefusedByName(string changes, string name, int length, string message)
        => Refuse(changes, [.. PairOf(Query), (name, [length])], message);

    [Fact]
    public void LoadAdapter_MagnitudesTwice_AreRefusedByName()
        => Refuse("""{ "use_dora": true }""", [.. PairOf(Query), (Query + ".lora_magnitude_vector", [32]), (Query + ".lora_magnitude_vector.default", [32])], "exactly one pair and one vector");

    [Fact]
    public void LoadAdapter_MagnitudesOfEmbeddings_AreRefused() => Refuse(
        """{ "use_dora": true }""", [.. PairOf(Query), (Query + ".lora_magnitude_vector", [32]), .. PairOf(Embedding, 12, isEmbedding: true)], "magnitudes of embeddings are not supported");

    [Theory]
    [InlineData(new long[] { 32, 1 })]
    [InlineData(new long[] { })]
    public void LoadAdapter_MagnitudesThatAreNoVector_AreRefusedByName(long[] shape) => Refuse(
        """{ "use_dora": true }""", [.. PairOf(Query), (Query + ".lora_magnitude_vector", shape)], DimensionsAreRefused($"{Query}.lora_magnitude_vector", shape, 1));

    [Theory]
    [InlineData("base_model.model.model.layers.7.self_attn.q_proj", "changes is 'blk.7.attn_q.weight'*no such tensor")]
    [InlineData("base_model.model.model.layers.00.self_attn.q_proj", "changes is 'model.layers.00.self_attn.q_proj.weight'*no such tensor")]
    [InlineData("base_model.model.model.layers.0.input_layernorm", "changes is 'blk.0.attn_norm.weight'*adapters cannot change it")]
    [InlineData("base_model.model.transformer.h.0.attn", "changes is 'transformer.h.0.attn.weight'*another model")]
    [InlineData("base_model.model.lm_head", "changes is 'output.weight'*no such tensor")]
    [InlineData(Embedding, "changes is 'model.embed_tokens.weight'*other names for the tensors")]
    public void LoadAdapter_TensorThatTheModelLacks_IsRefusedByName(string module, string message) => Refuse("{}", PairOf(module), $"the model tensor that '{module}.lora_A.weight' {message}");

    [Theory]
    [InlineData(new long[] { 2, 31 }, new long[] { 32, 2 }, "A")] // columns
    [InlineData(new long[] { 2, 32 }, new long[] { 33, 2 }, "B")] // rows
    [InlineData(new long[] { 3, 32 }, new long[] { 32, 2 }, "A")] // unequal ranks
    [InlineData(new long[] { 32, 2 }, new long[] { 32, 2 }, "A")] // transposed
    [InlineData(new long[] { 0, 32 }, new long[] { 32, 2 }, "A")]
    [InlineData(new long[] { 2, 32 }, new long[] { 32, 0 }, "B")]
    public void LoadAdapter_WrongShape_IsRefusedByName(long[] shapeOfA, long[] shapeOfB, string name)
        => Refuse("{}", [(Query + ".lora_A.weight", shapeOfA), (Query + ".lora_B.weight", shapeOfB)], $"shape of '{Query}.lora_{name}.weight'");

    [Theory]
    [InlineData("lora_A.weight", new long[] { 32 }, new long[] { 32, 1 })]
    [InlineData("lora_A.weight", new long[] { 1, 2, 32 }, new long[] { 32, 2 })]
    [InlineData("lora_B.weight", new long[] { 2, 32 }, new long[] { 32, 1, 2 })]
    [InlineData("lora_B.weight", new long[] { 2, 32 }, new long[] { 2 })]
    public void LoadAdapter_FactorThatIsNoMatrix_IsRefusedByName(string name, long[] shapeOfA, long[] shapeOfB)
    {
        long[] shape = name[5] == 'A' ? shapeOfA : shapeOfB;
        Refuse("{}", [(Query + ".lora_A.weight", shapeOfA), (Query + ".lora_B.weight", shapeOfB)], DimensionsAreRefused($"{Query}.{name}", shape, 2));
    }

    [Theory]
    [InlineData("lora_embedding_A", new long[] { 12 }, new long[] { 32, 1 })]
    [InlineData("lora_embedding_B", new long[] { 2, 12 }, new long[] { 1, 32, 2 })]
    public void LoadAdapter_FactorOfEmbeddingsThatIsNoMatrix_IsRefusedByName(string name, long[] shapeOfA, long[] shapeOfB)
    {
        long[] shape = name[^1] == 'A' ? shapeOfA : shapeOfB;
        Refuse("{}", [(Embedding + ".lora_embedding_A", shapeOfA), (Embedding + ".lora_embedding_B", shapeOfB)], DimensionsAreRefused($"{Embedding}.{name}", shape, 2));
    }

    [Theory]
    [InlineData("norm.weight", new long[] { 1, 32 }, 1)]
    [InlineData("layers.0.input_layernorm.base_layer.weight", new long[] { 1, 32 }, 1)]
    [InlineData("layers.0.post_attention_layernorm.modules_to_save.default.weight", new long[] { 32, 1 }, 1)]
    [InlineData("layers.0.self_attn.k_proj.base_layer.weight", new long[] { 16, 2, 16 }, 2)]
    [InlineData("layers.0.self_attn.k_proj.weight", new long[] { 512 }, 2)]
    public void LoadAdapter_CopyOfAnotherDimensionCount_IsRefusedByName(string module, long[] shape, int count)
    {
        string name = $"base_model.model.model.{module}";
        Refuse("{}", [.. PairOf(Query), (name, shape)], DimensionsAreRefused(name, shape, count));
    }

    [Fact]
    public void LoadAdapter_TwoPairsForOneMatrix_AreRefusedByName() => Refuse(
        "{}", [.. PairOf(Query), (Query + ".lora_A.other.weight", [2, 32]), (Query + ".lora_B.other.weight", [32, 2])], "'blk.0.attn_q.weight'*two adapters");

    [Theory]
    [InlineData("base_model.model.model.embed_tokens.base_layer.weight", new long[] { 11, 32 }, "11*12")]
    [InlineData("base_model.model.model.layers.0.self_attn.k_proj.base_layer.weight", new long[] { 32, 16 }, "16 × 32*32 × 16")]
    [InlineData("base_model.model.model.norm.weight", new long[] { 33 }, "33 × 1*32 × 1")]
    [InlineData("base_model.model.model.layers.7.mlp.up_proj.weight", new long[] { 32, 32 }, "no tensor 'blk.7.ffn_up.weight'")]
    public void LoadAdapter_CopyOfAnotherModelsShape_IsRefusedByName(string name, long[] shape, string message) =>
        Refuse("{}", [.. PairOf(Query), (name, shape)], $"the shape of '{name}'*{message}");

    [Fact]
    public void LoadAdapter_EmbeddingOfAnotherVocabulary_IsRefusedByName() => Refuse("{}", PairOf(Embedding, 11, isEmbedding: true), $"the shape of '{Embedding}.lora_embedding_A'");

    [Fact]
    public void LoadAdapter_NoTensors_IsRefused() => Refuse("{}", [], "the number of tensors is 0");

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void LoadAdapter_NumberThatIsNotFinite_IsRefusedByName(float number)
    {
        Write("{}", PairOf(Query));
        byte[] bytes = File.ReadAllBytes(Weights);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - sizeof(float)), number);
        File.WriteAllBytes(Weights, bytes);

        RefuseFolder($"a number of '{Query}.lora_B.weight'*finite");
    }

    [Fact]
    public void LoadAdapter_TypeThatIsNotSupported_IsRefusedByName()
    {
        Write("{}", PairOf(Query), "I32");
        RefuseFolder($"dtype of '{Query}.lora_A.weight' is I32*F32, F16 and BF16");
    }

    [Fact]
    public void LoadAdapter_FileMissing_IsSaid()
    {
        RefuseFolder("adapter_config.json is absent*a GGUF adapter is a single file");
        Write("{}", PairOf(Query));
        File.Delete(Weights);
        RefuseFolder("adapter_model.safetensors is absent*the weights must be in it or in adapter_model.bin");
    }

    [Fact]
    public void LoadAdapter_ConfigurationTruncatedAnywhere_IsRefused()
    {
        Write("{}", PairOf(Query));
        byte[] json = File.ReadAllBytes(_folder.File("adapter_config.json"));
        for (int length = 0; length < json.Length; length++)
        {
            File.WriteAllBytes(_folder.File("adapter_config.json"), json[..length]);
            RefuseFolder("");
        }
    }

    [Fact]
    public void LoadAdapter_AnyByteChanged_LoadsOrThrowsItsOwnException()
    {
        Write("{}", [.. PairOf(Query), .. PairOf(Embedding, 12, isEmbedding: true)]);
        byte[] bytes = File.ReadAllBytes(Weights);
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            byte[] changed = [.. bytes[..(i % 2 == 0 ? bytes.Length : random.Next(bytes.Length))]];
            if (changed.Length > 0)
            {
                changed[random.Next(Math.Min(changed.Length, 700))] ^= (byte)random.Next(1, 256);
            }

            File.WriteAllBytes(Weights, changed);
            try
            {
                _model.LoadAdapter(_folder.Path).Dispose();
            }
            catch (ModelFormatException)
            {
            }
        }
    }

    private string Weights => _folder.File("adapter_model.safetensors");

    private static string DimensionsAreRefused(string name, long[] shape, int count)
        => $"number of dimensions of '{name}' is {shape.Length}, in the shape [{string.Join(", ", shape)}]*this tensor must have {count}";

    private static (string Name, long[] Shape)[] PairOf(string module, int width = 32, bool isEmbedding = false) =>
        isEmbedding ? [(module + ".lora_embedding_A", [2, width]), (module + ".lora_embedding_B", [32, 2])]
        : [(module + ".lora_A.weight", [2, width]), (module + ".lora_B.weight", [32, 2])];

    private void Refuse(string changes, (string Name, long[] Shape)[] tensors, string message)
    {
        Write(changes, tensors);
        RefuseFolder(message);
    }

    private void RefuseFolder(string message)
        => FluentActions.Invoking(() => _model.LoadAdapter(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");

    private void Write(string changes, (string Name, long[] Shape)[] tensors, string dataType = "F32")
    {
        JsonObject configuration = JsonNode.Parse("""{ "peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none" }""")!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            configuration[name] = value?.DeepClone();
        }

        File.WriteAllText(_folder.File("adapter_config.json"), configuration.ToJsonString());
        using FileStream stream = File.Create(Weights);
        SafeTensorsWriter.WriteHeader(stream, tensors.Select(tensor => new SafeTensorsEntry(tensor.Name, dataType, tensor.Shape, -1, Count(tensor.Shape) * sizeof(float), -1)));
        foreach ((_, long[] shape) in tensors)
        {
            stream.Write([.. Enumerable.Range(0, (int)Count(shape)).SelectMany(i => BitConverter.GetBytes(i * 0.001f))]);
        }

        static long Count(long[] shape) => shape.Aggregate(1L, (product, length) => product * length);
    }
}
