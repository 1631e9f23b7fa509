using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>How much the steps and evaluations of a run compute, in the same unit.</summary>
internal sealed class RunWork
{
    private readonly ITrainingTask _task;
    private readonly PassWork _pass;
    private readonly int _otherPassCount, _firstStep;
    // For each step from the first, its work and that of all following steps.
    private readonly double[] _remaining;
    private readonly bool[] _isKnown;

    /// <param name="task">What is learned.</param>
    /// <param name="validation">The data that are evaluated; null for none.</param>
    /// <param name="plan">The samples of each step.</param>
    /// <param name="firstStep">The step with which the run begins.</param>
    /// <param name="shape">The model's shape.</param>
    /// <param name="options">How the model is trained, with the decision whether activations are kept.</param>
    public RunWork(ITrainingTask task, ITrainingTask? validation, TrainingPlan plan, int firstStep, ModelConfiguration shape, TrainingOptions options)
    {
        _task = task;
        _pass = new PassWork(shape);
        // The gradients of activations take as long as a forward pass, and so do those of weights if all are trained.
        _otherPassCount = (options.Lora is null ? 2 : 1) + (options.RecomputeActivations!.Value ? 1 : 0);
        _firstStep = firstStep;
        _isKnown = new bool[task.Lengths.Length];
        _remaining = new double[Math.Max(0, plan.StepCount - firstStep) + 1];
        for (int step = firstStep; step < plan.StepCount; step++)
        {
            foreach (int sample in plan.SamplesOfStep(step))
            {
                _remaining[step - firstStep] += OfSample(sample, _isKnown[sample]);
                _isKnown[sample] = true;
            }
        }

        for (int i = _remaining.Length - 2; i >= 0; i--)
        {
            _remaining[i] += _remaining[i + 1];
        }

        for (int sample = 0; sample < validation?.Lengths.Length; sample++)
        {
            if (validation.Lengths[sample] > 0)
            {
                double work = validation.ForwardWork(sample, _pass);
                FirstEvaluation += validation.ForwardPassCount(isKnown: false) * work;
                Evaluation += validation.ForwardPassCount(isKnown: true) * work;
            }
        }
    }

    /// <summary>The work of the first evaluation of this run.</summary>
    public double FirstEvaluation { get; }

    /// <summary>The work of each later evaluation.</summary>
    public double Evaluation { get; }

    /// <summary>The work of a step and of all that follow it; 0 if the step is after the last.</summary>
    public double From(int step) => _remaining[step - _firstStep];

    /// <summary>The work of learning from a sample.</summary>
    /// <param name="sample">The index of the sample.</param>
    /// <param name="isKnown">Whether this run has already learned from the sample.</param>
    public double OfSample(int sample, bool isKnown = false) => (_task.ForwardPassCount(isKnown) + _otherPassCount) * _task.ForwardWork(sample, _pass);
}
