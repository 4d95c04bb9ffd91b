// Whether Facula is right on this machine's GPU, and how fast; see README.md. Exit code 1 if anything is wrong.
using System.Globalization;
using Facula;
using Facula.GpuCheck;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return Options.Run(args, options =>
{
    var report = new Report();
    report.Begin("machine");
    Device? device = Machine.Find(options, report);
    if (device is not null)
    {
        if (options.Runs("correctness")) CorrectnessPart.Run(options, device, report);
        if (options.Runs("training")) TrainingPart.Run(options, device, report);
        if (options.Runs("speed") && !options.Emulated) SpeedPart.Run(options, device, report);
    }
    Results.Write(options, report);
    bool isEmpty = device is not null && report.Checks.Count + report.Speeds.Count == 0;
    if (isEmpty) Report.Say($"no case matches {options.Cases}");
    Report.Say(string.Create(CultureInfo.InvariantCulture,
        $"{report.Checks.Count - report.Wrong} right, {report.Wrong} wrong, {report.Elapsed.TotalSeconds:F1} s") +
        $"{(device is null ? "; no device, so nothing was checked" : "")}");
    return device is not null && report.Wrong == 0 && !isEmpty ? 0 : 1;
});
