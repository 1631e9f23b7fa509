using Llama2.Architectures;

namespace Llama2.Training.Tests.Model;

public class LoraTargetsTests
{
    [Fact]
    public void Targets_EachOfThem_AdaptsTheTensorOfItsName()
    {
        foreach (LoraTargets target in Enum.GetValues<LoraTargets>().Where(target => ulong.IsPow2((ulong)target)))
            LlamaTensors.All.Roles.Where(new LoraOptions { Targets = target }.Adapts).Select(role => role.Id).Should().Equal(target.ToString());
    }

    [Fact]
    public void All_AdaptsEveryMatrixOfALayerThatTakesLora() =>
        LlamaTensors.All.Roles.Where(new LoraOptions { Targets = LoraTargets.All }.Adapts).Should().HaveCount(7)
            .And.Equal(LlamaTensors.All.OfLayer.Where(role => role.TakesLora));
}
