using Llama2.Architectures;

namespace Llama2.Tests.Architectures;

public class LlamaTensorsTests
{
    // The test cases are ids instead of roles, because only ids give the test cases different names.
    public static TheoryData<string> Ids => [.. LlamaTensors.All.Roles.Select(role => role.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void NameIn_EachNameSpace_HasANameButForDivisorsOfFrequencies(string id)
    {
        TensorRole role = Role(id);

        // Hugging Face's models derive the frequency factors from the configuration, and Meta's models have none.
        Enum.GetValues<NameSpace>().Where(space => role.NameIn(space) is null)
            .Should().Equal(id == nameof(LlamaTensors.RopeFrequencyFactors) ? [NameSpace.HuggingFace, NameSpace.Meta] : (NameSpace[])[]);
        role.NameIn(NameSpace.Gguf, 3).Should().Be(role.Name(3));
    }

    [Fact]
    public void NameIn_AllRolesOfThreeLayers_AreDifferent()
    {
        foreach (NameSpace space in Enum.GetValues<NameSpace>())
            LlamaTensors.All.Enumerate(3).Select(tensor => tensor.Role.NameIn(space, tensor.Layer)).OfType<string>().Should().OnlyHaveUniqueItems($"of {space}");
    }

    [Fact]
    public void Ids_AreTheNamesOfTheProperties() =>
        typeof(LlamaTensors).GetProperties().Where(property => property.PropertyType == typeof(TensorRole)).Select(property => (property.Name, Role: property.GetValue(null)))
            .Should().Equal(LlamaTensors.All.Roles.Select(role => (role.Id, (object?)role)));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Find_EveryNameOfARole_GivesRoleAndLayer(string id)
    {
        TensorRole role = Role(id);
        foreach (NameSpace space in Enum.GetValues<NameSpace>())
        {
            foreach (int layer in role.IsOfLayer ? [0, 1, 10, 511] : (int[])[0])
            {
                if (role.NameIn(space, layer) is { } name)
                    LlamaTensors.All.Find(space, name).Should().Be((role, layer), name);
            }
        }
    }

    [Theory]
    [InlineData(NameSpace.Gguf, "blk.01.attn_q.weight")] // The number of a layer has no leading zero.
    [InlineData(NameSpace.Gguf, "blk.-1.attn_q.weight")]
    [InlineData(NameSpace.Gguf, "blk. 1.attn_q.weight")]
    [InlineData(NameSpace.Gguf, "blk.4294967296.attn_q.weight")]
    [InlineData(NameSpace.Gguf, "blk..attn_q.weight")]
    [InlineData(NameSpace.Gguf, "blk.*.attn_q.weight")]
    [InlineData(NameSpace.Gguf, "blk.attn_q.weight")]
    [InlineData(NameSpace.Gguf, "blk.0.attn_q.bias")]
    [InlineData(NameSpace.Gguf, "blk.0.attn_q.weight.lora_a")]
    [InlineData(NameSpace.Gguf, "v.blk.0.attn_q.weight")]
    [InlineData(NameSpace.Gguf, "model.layers.0.self_attn.q_proj.weight")]
    [InlineData(NameSpace.HuggingFace, "blk.0.attn_q.weight")]
    [InlineData(NameSpace.HuggingFace, "model.layers.1.2.self_attn.q_proj.weight")]
    [InlineData(NameSpace.HuggingFace, "base_model.model.model.layers.0.self_attn.q_proj.weight")]
    [InlineData(NameSpace.HuggingFace, "rope_freqs.weight")]
    [InlineData(NameSpace.Meta, "layers.0.attention.wq")]
    [InlineData(NameSpace.Meta, "")]
    public void Find_NameOfNoTensor_IsNull(object space, string name) => LlamaTensors.All.Find((NameSpace)space, name).Should().BeNull();

    // The names as llama.cpp's converter writes them, and as Meta and Hugging Face published them.
    [Theory]
    [InlineData("blk.7.attn_q.weight", "model.layers.7.self_attn.q_proj.weight", "layers.7.attention.wq.weight")]
    [InlineData("blk.7.attn_k.weight", "model.layers.7.self_attn.k_proj.weight", "layers.7.attention.wk.weight")]
    [InlineData("blk.7.attn_v.weight", "model.layers.7.self_attn.v_proj.weight", "layers.7.attention.wv.weight")]
    [InlineData("blk.7.attn_output.weight", "model.layers.7.self_attn.o_proj.weight", "layers.7.attention.wo.weight")]
    [InlineData("blk.7.attn_norm.weight", "model.layers.7.input_layernorm.weight", "layers.7.attention_norm.weight")]
    [InlineData("blk.7.ffn_norm.weight", "model.layers.7.post_attention_layernorm.weight", "layers.7.ffn_norm.weight")]
    [InlineData("blk.7.ffn_gate.weight", "model.layers.7.mlp.gate_proj.weight", "layers.7.feed_forward.w1.weight")]
    [InlineData("blk.7.ffn_up.weight", "model.layers.7.mlp.up_proj.weight", "layers.7.feed_forward.w3.weight")]
    [InlineData("blk.7.ffn_down.weight", "model.layers.7.mlp.down_proj.weight", "layers.7.feed_forward.w2.weight")]
    [InlineData("token_embd.weight", "model.embed_tokens.weight", "tok_embeddings.weight")]
    [InlineData("output_norm.weight", "model.norm.weight", "norm.weight")]
    [InlineData("output.weight", "lm_head.weight", "output.weight")]
    public void Find_PublishedNames_AreOfOneTensor(string gguf, string huggingFace, string meta)
    {
        (TensorRole role, int layer) = LlamaTensors.All.Find(NameSpace.Gguf, gguf)!.Value;

        LlamaTensors.All.Find(NameSpace.HuggingFace, huggingFace).Should().Be((role, layer));
        LlamaTensors.All.Find(NameSpace.Meta, meta).Should().Be((role, layer));
    }

    [Fact]
    public void Enumerate_TwoLayers_HasTheOrderOfLlamaCpp() =>
        LlamaTensors.All.Enumerate(2).Select(tensor => tensor.Role.Name(tensor.Layer)).Should().Equal(
            "token_embd.weight",
            "blk.0.attn_norm.weight", "blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight", "blk.0.attn_output.weight",
            "blk.0.ffn_norm.weight", "blk.0.ffn_gate.weight", "blk.0.ffn_up.weight", "blk.0.ffn_down.weight",
            "blk.1.attn_norm.weight", "blk.1.attn_q.weight", "blk.1.attn_k.weight", "blk.1.attn_v.weight", "blk.1.attn_output.weight",
            "blk.1.ffn_norm.weight", "blk.1.ffn_gate.weight", "blk.1.ffn_up.weight", "blk.1.ffn_down.weight",
            "output_norm.weight", "output.weight", "rope_freqs.weight");

    // Llama 2 70B.
    [Theory]
    [InlineData("TokenEmbedding", 32_000, 8192)]
    [InlineData("AttentionNorm", 1, 8192)]
    [InlineData("Query", 8192, 8192)]
    [InlineData("Key", 1024, 8192)]
    [InlineData("Value", 1024, 8192)]
    [InlineData("AttentionOutput", 8192, 8192)]
    [InlineData("FeedForwardNorm", 1, 8192)]
    [InlineData("Gate", 28_672, 8192)]
    [InlineData("Up", 28_672, 8192)]
    [InlineData("Down", 8192, 28_672)]
    [InlineData("OutputNorm", 1, 8192)]
    [InlineData("Output", 32_000, 8192)]
    [InlineData("RopeFrequencyFactors", 1, 64)]
    public void Shape_OfSeventyBillion_IsThatOfThePublishedModel(string id, int rows, int columns)
    {
        var dimensions = new ModelDimensions(LayerCount: 80, Embedding: 8192, HeadCount: 64, KeyValueHeadCount: 8, FeedForward: 28_672, Vocabulary: 32_000);

        (dimensions[Role(id).Rows], dimensions[Role(id).Columns]).Should().Be((rows, columns));
    }

    [Fact]
    public void TakesLora_AllMatrices() => LlamaTensors.All.Roles.Where(role => role.TakesLora).Should().Equal(LlamaTensors.All.Roles.Where(role => !role.IsVector));

    private static TensorRole Role(string id) => LlamaTensors.All.Roles.Single(role => role.Id == id);
}
