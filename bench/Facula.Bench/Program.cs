using Bench;

// Cases are added here file by file, each the mirror of the one with the same name in ../Peers.TorchSharp/Cases.
return new Runner
{
    SetThreads = static _ => { },
    Register = static () => { },
}.Run(args);
