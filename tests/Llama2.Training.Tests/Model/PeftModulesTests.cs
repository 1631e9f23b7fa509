namespace Llama2.Training.Tests.Model;

public class PeftModulesTests
{
    [Fact]
    public void Names_AreThoseOfPeft()
    {
        PeftModules.Targets.Select(module => (module.Key, module.Value)).Should().Equal(
            ("q_proj", LoraTargets.Query), ("k_proj", LoraTargets.Key), ("v_proj", LoraTargets.Value), ("o_proj", LoraTargets.AttentionOutput),
            ("gate_proj", LoraTargets.Gate), ("up_proj", LoraTargets.Up), ("down_proj", LoraTargets.Down));
        PeftModules.Saved.Select(module => (module.Key, module.Value)).Should().Equal(
            ("embed_tokens", SavedModules.TokenEmbedding), ("input_layernorm", SavedModules.AttentionNorm), ("post_attention_layernorm", SavedModules.FeedForwardNorm),
            ("model.norm", SavedModules.OutputNorm), ("lm_head", SavedModules.Output), ("norm", SavedModules.Norms));
    }
}
