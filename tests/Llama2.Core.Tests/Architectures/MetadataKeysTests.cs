using Llama2.Architectures;
using Llama2.Conversion;

namespace Llama2.Tests.Architectures;

public class MetadataKeysTests
{
    // The keys that llama.cpp writes (gguf-py, constants.py), and two that only this library uses.
    [Fact]
    public void Keys_OfLlama_AreThoseOfGguf() => Keys(ModelArchitecture.Llama.Keys).Should().BeEquivalentTo(
        "llama.context_length", "llama.embedding_length", "llama.block_count", "llama.feed_forward_length", "llama.vocab_size", "llama.expert_count",
        "llama.attention.head_count", "llama.attention.head_count_kv", "llama.attention.key_length", "llama.attention.value_length",
        "llama.attention.layer_norm_rms_epsilon", "llama.attention.sliding_window", "llama.attention.causal", "llama.attention.scale",
        "llama.use_parallel_residual", "llama.rope.dimension_count", "llama.rope.freq_base", "llama.logit_scale", "llama.residual_scale",
        "llama.embedding_scale", "llama.attention.clamp_kqv", "llama.attention.max_alibi_bias", "llama.attn_logit_softcapping",
        "llama.final_logit_softcapping", "llama.rope.scale_linear", "llama.rope.scaling.", "llama.rope.scaling.type", "llama.rope.scaling.factor",
        "llama.rope.scaling.original_context_length", "llama.rope.scaling.attn_factor", "llama.rope.scaling.yarn_attn_factor",
        "llama.rope.scaling.yarn_ext_factor", "llama.rope.scaling.yarn_beta_fast", "llama.rope.scaling.yarn_beta_slow",
        "llama.rope.scaling.yarn_truncate", "llama.rope.scaling.dynamic_factor", "llama.rope.scaling.finetuned");

    [Fact]
    public void Keys_OfAnotherArchitecture_BeginWithItsName() =>
        Keys(new MetadataKeys("sibling")).Should().BeEquivalentTo(Keys(ModelArchitecture.Llama.Keys).Select(key => "sibling" + key["llama".Length..]));

    [Fact]
    public void RopeScalingKeys_AllWithThePrefix_AreKnown()
    {
        RopeScalingKeys keys = ModelArchitecture.Llama.Keys.Scaling;

        Keys(keys).Where(key => key.StartsWith(keys.Prefix, StringComparison.Ordinal) && key != keys.Prefix).Should().HaveCount(11).And.OnlyContain(key => keys.IsKnown(key));
        keys.IsKnown(keys.Prefix + "long_factor").Should().BeFalse();
    }

    [Fact]
    public void Create_Counts_AreUnsignedAsLlamaCppRequires()
    {
        OrderedDictionary<string, object> metadata = ModelMetadata.Create(
            ModelArchitecture.Llama, "tiny", 128, new ModelDimensions(2, 64, 4, 2, 96, 50), 1e-5f, statesHeadLength: true);

        // The types are compared too, because FluentAssertions treats 64u and 64L as equal.
        metadata.Select(pair => $"{pair.Key} {pair.Value.GetType().Name} {pair.Value}").Should().Equal(
            "general.architecture String llama", "general.name String tiny", "llama.context_length UInt32 128", "llama.embedding_length UInt32 64",
            "llama.block_count UInt32 2", "llama.feed_forward_length UInt32 96", "llama.attention.head_count UInt32 4", "llama.attention.head_count_kv UInt32 2",
            "llama.attention.key_length UInt32 16", "llama.attention.value_length UInt32 16", "llama.attention.layer_norm_rms_epsilon Single 1E-05");
        ModelMetadata.Count(-1).Should().BeOfType<long>().And.Be(-1L);
    }

    [Fact]
    public void All_Architectures_AreFoundByNameAndWrittenByAModelClass()
    {
        foreach (ModelArchitecture architecture in ModelArchitecture.All)
        {
            ModelArchitecture.Find(architecture.Name).Should().BeSameAs(architecture);
            HuggingFaceModelClass.All.Should().Contain(known => known.Architecture == architecture);
        }

        ModelArchitecture.Find("qwen2").Should().BeNull();
        HuggingFaceModelClass.All.SelectMany(known => known.Names).Should().OnlyHaveUniqueItems();
    }

    private static IEnumerable<string> Keys(object keys) => keys.GetType().GetProperties().SelectMany(property => property.GetValue(keys) switch
    {
        string key => [key],
        IEnumerable<string> several => several,
        object inner => Keys(inner),
        null => [],
    });
}
