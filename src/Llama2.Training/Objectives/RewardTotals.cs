namespace Llama2.Training.Objectives;

/// <summary>Sums the rewards of a step.</summary>
internal sealed class RewardTotals
{
    private double _chosen, _rejected, _divergence;
    private int _chosenCount, _rejectedCount, _pairCount, _gainCount, _divergenceCount;

    public void AddPair(double chosen, double rejected)
    {
        Add(chosen, isChosen: true);
        Add(rejected, isChosen: false);
        _pairCount++;
        _gainCount += chosen > rejected ? 1 : 0;
    }

    public void Add(double reward, bool isChosen)
    {
        if (isChosen)
        {
            _chosen += reward;
            _chosenCount++;
        }
        else
        {
            _rejected += reward;
            _rejectedCount++;
        }
    }

    public void AddDivergence(double divergence)
    {
        _divergence += divergence;
        _divergenceCount++;
    }

    /// <summary>Returns the means, and begins anew.</summary>
    public PreferenceRewards Take()
    {
        var rewards = new PreferenceRewards(Mean(_chosen, _chosenCount), Mean(_rejected, _rejectedCount), Mean(_gainCount, _pairCount), Mean(_divergence, _divergenceCount));
        (_chosen, _rejected, _divergence) = (0, 0, 0);
        (_chosenCount, _rejectedCount, _pairCount, _gainCount, _divergenceCount) = (0, 0, 0, 0, 0);
        return rewards;
    }

    private static double? Mean(double sum, int count) => count == 0 ? null : sum / count;
}
