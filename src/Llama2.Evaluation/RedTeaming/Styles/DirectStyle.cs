namespace Llama2.Evaluation.RedTeaming.Styles;

/// <summary>The request as it is: the baseline of all other styles.</summary>
internal sealed class DirectStyle() : AttackStyle("direct", "The request as it is.")
{
    public override Attack Create(RedTeamBehavior behavior) => new([behavior.Text]);
}
