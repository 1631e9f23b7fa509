using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public class ContextExtensionTests
{
    private static readonly ModelConfiguration s_configuration = ReadConfiguration();

    [Theory]
    [InlineData(1f, null, 128)]
    [InlineData(4f, null, 128)]
    [InlineData(1f, 128, 128)]
    [InlineData(4f, 512, 512)]
    [InlineData(4f, 17, 17)]
    [InlineData(1.5f, 192, 192)]
    public void ChooseLength_UpToTheTrainedLengthTimesTheFactor_IsTaken(float factor, int? wanted, int expected)
    {
        foreach (RopeScaling scaling in (RopeScaling[])[RopeScaling.Linear(factor), RopeScaling.NtkAware(factor), RopeScaling.Yarn(factor)])
        {
            ContextExtension.ChooseLength(s_configuration, new LlamaModelOptions { ContextLength = wanted, RopeScaling = scaling }).Should().Be(expected);
        }
    }

    [Fact]
    public void ChooseLength_LongerThanTheFactorAllows_NamesFactorAndLimit()
        => Choose(s_configuration, 193, RopeScaling.Yarn(1.5f)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*193*128*1.5*RopeScaling*192*");

    [Fact]
    public void ChooseLength_LongerThanTrainedWithoutScaling_NamesRopeScaling()
    {
        Choose(s_configuration, 129, null).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*129*128*RopeScaling*");
        Choose(s_configuration, 129, RopeScaling.None).Should().Throw<ArgumentOutOfRangeException>();
        Choose(s_configuration with { RopeScaling = RopeScaling.Linear(4) }, 129, null).Should().Throw<ArgumentOutOfRangeException>("the length in the file already includes the file's scaling");
    }

    // Dynamic scaling adapts to any length until it has multiplied the base by 1,024.
    [Theory]
    [InlineData(2f, 65_600)]
    [InlineData(1f, 131_072)]
    [InlineData(1024f, 255)]
    public void ChooseLength_DynamicScaling_TakesLengthsUpToTheGreatestFactor(float factor, int limit)
    {
        var options = new LlamaModelOptions { ContextLength = limit };
        ModelConfiguration ofTheFile = s_configuration with { RopeScaling = RopeScaling.DynamicNtk(factor) };
        ContextExtension.ChooseLength(ofTheFile, options).Should().Be(limit);
        ContextExtension.ChooseLength(s_configuration, options with { RopeScaling = RopeScaling.DynamicNtk(factor) }).Should().Be(limit);
        ContextExtension.ChooseLength(ofTheFile, new LlamaModelOptions()).Should().Be(128, "a longer context is asked for");
        ofTheFile.RopeScaling.For(128, limit).Factor.Should().BeInRange(1016, 1024);
        Choose(ofTheFile, limit + 1, null).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*at most*");
        Choose(ofTheFile, 129, RopeScaling.None).Should().Throw<ArgumentOutOfRangeException>("the option replaces the scaling of the file");
    }

    [Fact]
    public void ChooseLength_BeyondTheLimitOfAllContexts_IsRefused()
        => Choose(s_configuration with { ContextLength = 16_777_216 }, 16_777_217, RopeScaling.Linear(1024)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*16,777,217*");

    [Fact]
    public void Apply_Scaling_TakesTheFilesPlace()
    {
        ModelConfiguration scaled = s_configuration with { RopeScaling = RopeScaling.Yarn(8, 64) };
        ContextExtension.Apply(scaled, null).Should().Be(scaled);
        ContextExtension.Apply(scaled, RopeScaling.None).Should().Be(s_configuration);
        ContextExtension.Apply(scaled, RopeScaling.Yarn(4, 32)).RopeScaling.Should().Be(RopeScaling.Yarn(4, 32));
        ContextExtension.Apply(scaled, RopeScaling.Yarn(4)).RopeScaling.Should().Be(RopeScaling.Yarn(4, 64), "the file states the original context");
        ContextExtension.Apply(s_configuration, RopeScaling.Yarn(4)).RopeScaling.Should().Be(RopeScaling.Yarn(4));
    }

    private static Action Choose(ModelConfiguration configuration, int wanted, RopeScaling? scaling)
        => () => ContextExtension.ChooseLength(configuration, new LlamaModelOptions { ContextLength = wanted, RopeScaling = scaling });

    private static ModelConfiguration ReadConfiguration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }
}
