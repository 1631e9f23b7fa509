using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public class RopeScalingReaderTests
{
    [Theory]
    [InlineData("none", "llama.rope.scaling.factor", 4f, 1f)]
    [InlineData("linear", "llama.rope.scaling.factor", 4f, 4f)]
    [InlineData("linear", "llama.rope.scaling.factor", 4.0, 4f)]
    [InlineData("linear", "llama.rope.scaling.factor", 1024f, 1024f)]
    [InlineData("linear", "llama.rope.scaling.factor", 1f, 1f)]
    [InlineData("linear", "llama.rope.scaling.factor", 0f, 1f)]
    [InlineData("linear", "llama.rope.scale_linear", 2f, 2f)]
    [InlineData(null, "llama.rope.scaling.factor", 4f, 4f)]
    [InlineData(null, "llama.rope.scale_linear", 2f, 2f)]
    [InlineData("linear", "general.unrelated", 2f, 1f)]
    [InlineData("linear", "llama.rope.scaling.attn_factor", 1f, 1f)]
    public void Read_NoneOrLinear_IsThatOfItsType(string? type, string key, object value, float expected)
        => Read(Describe(type, (key, value))).Should().Be(expected > 1 ? RopeScaling.Linear(expected) : RopeScaling.None);

    [Fact]
    public void Read_YarnWithEveryKey_GivesItsFigures()
        => Read(Describe(
            "yarn",
            ("llama.rope.scaling.factor", 16f),
            ("llama.rope.scaling.original_context_length", 4096u),
            ("llama.rope.scaling.attn_factor", 0.5f),
            ("llama.rope.scaling.yarn_ext_factor", 0.75f),
            ("llama.rope.scaling.yarn_beta_fast", 48f),
            ("llama.rope.scaling.yarn_beta_slow", 2f))).Should().Be(RopeScaling.Yarn(16, 4096, 0.75f, 0.5f, 48, 2));

    [Fact]
    public void Read_DynamicFactor_IsDynamic()
        => Read(Describe(null, ("llama.rope.scaling.dynamic_factor", 2f), ("llama.rope.scaling.finetuned", true))).Should().Be(RopeScaling.DynamicNtk(2));

    [Fact]
    public void Read_YarnsRampAndBothAttentionFactors_AreHonoured()
        => Read(Describe(
            "yarn", ("llama.rope.scaling.factor", 4f), ("llama.rope.scaling.attn_factor", 0.5f), ("llama.rope.scaling.yarn_attn_factor", 3f), ("llama.rope.scaling.yarn_truncate", false)))
            .Should().Be(RopeScaling.Yarn(4, attentionFactor: 1.5f, truncatesRamp: false));

    [Fact]
    public void Read_YarnWithItsFactorOnly_GivesTheDefaults()
        => Read(Describe("yarn", ("llama.rope.scaling.factor", 4f))).Should().Be(RopeScaling.Yarn(4, null, 1, 1, 32, 1));

    [Theory]
    [InlineData("su", "llama.rope.scaling.type", "su", "su", "*'none', 'linear' and 'yarn'*")]
    [InlineData("longrope", "llama.rope.scaling.type", "longrope", "longrope", "*'none', 'linear' and 'yarn'*")]
    [InlineData("yarn", "llama.rope.scaling.type", 3u, "3 of type UInt32", "*string*")]
    [InlineData("linear", "llama.rope.scaling.factor", float.NaN, "NaN", "*finite*0 to 1024*")]
    [InlineData("linear", "llama.rope.scaling.factor", -2f, "-2", "*finite*")]
    [InlineData("linear", "llama.rope.scaling.factor", 1e30f, "1E+30", "*0 to 1024*")]
    [InlineData("linear", "llama.rope.scaling.factor", 0.5f, "0.5", "*1 or more*")]
    [InlineData("linear", "llama.rope.scale_linear", 0.5f, "0.5", "*1 or more*")]
    [InlineData("linear", "llama.rope.scale_linear", float.PositiveInfinity, "Infinity", "*finite*")]
    [InlineData("linear", "llama.rope.scaling.factor", 2u, "2 of type UInt32", "*floating-point*")]
    [InlineData("linear", "llama.rope.scaling.attn_factor", 1.5f, "1.5", "*'yarn'*'linear'*")]
    [InlineData("none", "llama.rope.scaling.attn_factor", 1.5f, "1.5", "*'yarn'*'none'*")]
    [InlineData("linear", "llama.rope.scaling.yarn_attn_factor", 1.5f, "1.5", "*'yarn'*'linear'*")]
    [InlineData("linear", "llama.rope.scaling.yarn_ext_factor", 1f, "1", "*'yarn'*'linear'*")]
    [InlineData("none", "llama.rope.scaling.yarn_truncate", false, "false", "*'yarn'*'none'*")]
    [InlineData("linear", "llama.rope.scaling.alpha", 1000f, "present", "*does not know*")]
    [InlineData("yarn", "llama.rope.scaling.yarn_log_multiplier", 0.1f, "present", "*does not know*")]
    [InlineData("yarn", "llama.rope.scaling.of_the_future", 1u, "present", "*does not know*")]
    [InlineData("yarn", "llama.rope.scaling.dynamic_factor", 2f, "2", "*'yarn'*")]
    [InlineData("linear", "llama.rope.scaling.dynamic_factor", 0.5f, "0.5", "*1 to 1024*")]
    [InlineData("yarn", "llama.rope.scaling.factor", float.NaN, "NaN", "*finite*")]
    [InlineData("yarn", "llama.rope.scaling.factor", 1e30f, "1E+30", "*0 to 1024*")]
    [InlineData("yarn", "llama.rope.scaling.factor", "4", "*\"4\"", "*floating-point*")]
    [InlineData("yarn", "llama.rope.scaling.original_context_length", 0u, "0", "*1 to 16,777,216*")]
    [InlineData("yarn", "llama.rope.scaling.original_context_length", uint.MaxValue, "4294967295", "*1 to 16,777,216*")]
    [InlineData("yarn", "llama.rope.scaling.original_context_length", 4096f, "4096 of type Single", "*integer*")]
    [InlineData("yarn", "llama.rope.scaling.attn_factor", 0f, "0", "*0.01 to 100*")]
    [InlineData("yarn", "llama.rope.scaling.attn_factor", float.NegativeInfinity, "-Infinity", "*0.01 to 100*")]
    [InlineData("yarn", "llama.rope.scaling.yarn_ext_factor", -1f, "-1", "*0 to 1*")]
    [InlineData("yarn", "llama.rope.scaling.yarn_ext_factor", true, "the boolean true", "*floating-point*")]
    [InlineData("yarn", "llama.rope.scaling.yarn_beta_fast", float.NaN, "NaN", "*0.01 to 1000000*")]
    [InlineData("yarn", "llama.rope.scaling.yarn_beta_slow", 0f, "0", "*0.01 to 1000000*")]
    [InlineData("yarn", "llama.rope.scaling.yarn_beta_slow", 33f, "33", "*yarn_beta_fast, which is 32*")]
    public void Read_ValueOutOfRange_NamesKeyValueAndLimit(string type, string key, object value, string text, string limit)
    {
        using GgufFile file = Describe(type, (key, value)).Open();
        ModelFormatException fault = FluentActions.Invoking(() => ConfigurationReader.Read(file)).Should().Throw<ModelFormatException>().Which;
        fault.Field.Should().Be(key);
        fault.Value.Should().Match(text);
        fault.Limit.Should().Match(limit);
        fault.Offset.Should().Be(file.MetadataOffset(key)).And.BePositive();
    }

    private static TinyLlama Describe(string? type, params (string Key, object Value)[] entries)
    {
        var model = new TinyLlama();
        if (type is not null)
        {
            model.With("llama.rope.scaling.type", type);
        }

        foreach ((string key, object value) in entries)
        {
            model.With(key, value);
        }

        return model;
    }

    private static RopeScaling Read(TinyLlama model)
    {
        using GgufFile file = model.Open();
        return ConfigurationReader.Read(file).RopeScaling;
    }
}
